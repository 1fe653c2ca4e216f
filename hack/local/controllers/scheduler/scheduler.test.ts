import test from 'ava';
import type { Pod } from '#api/core.ts';
import { nodes, pods } from '#api/core.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { findCondition } from '../objects/pod.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

async function nodeOf(world: World, pod: Pod): Promise<string | undefined> {
  return (await world.settled(pods, pod))?.spec?.nodeName;
}

const asking = (cpu: string): Partial<NonNullable<Pod['spec']>> => ({
  containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }],
});

test('a Pod lands on the only node that fits', async (t) => {
  const world = await startWorld(t);
  await world.addNode('small', { cpu: '1' });
  await world.addNode('unlabelled');
  await world.addNode('right', { labels: { zone: 'a' } });
  await world.quiet();
  const pod = await world.addPod('p', { ...asking('2'), nodeSelector: { zone: 'a' } });
  t.is(await nodeOf(world, pod), 'right');
  const stored = await world.settled(pods, pod);
  t.is(findCondition(stored?.status?.conditions, 'PodScheduled')?.status, 'True');
  const [event] = await world.events(pod);
  t.like(event, {
    reason: 'Scheduled',
    message: 'Successfully assigned default/p to right',
    source: { component: 'default-scheduler' },
  });
});

test('a Pod that fits nowhere says why, and lands as soon as it fits', async (t) => {
  const world = await startWorld(t, { gracePeriod: 3_600_000 });
  const node = await world.addNode('n', { cpu: '1' });
  await world.quiet();
  const pod = await world.addPod('p', asking('2'));
  t.is(await nodeOf(world, pod), undefined);
  const refused = await world.settled(pods, pod);
  const message = '0/1 nodes are available: 1 Insufficient cpu.';
  const condition = findCondition(refused?.status?.conditions, 'PodScheduled');
  t.like(condition, { status: 'False', reason: 'Unschedulable', message });
  await world.advance(60);
  t.deepEqual(
    (await world.events(pod)).map(({ reason, message: text, count }) => [reason, text, count]),
    [['FailedScheduling', message, 1]],
  );

  const status = { allocatable: { ...node.status?.allocatable, cpu: '2' } };
  await world.client.patch(nodes, keyOf(node), { status }, { subresource: 'status' });
  t.is(await nodeOf(world, pod), 'n');
});

test('a Pod waits for a node, for its taint to go, and for another Pod to leave', async (t) => {
  const world = await startWorld(t, { disabled: ['podGarbageCollector'] });
  const pod = await world.addPod('p', asking('3'));
  await world.advance(10);
  const node = await world.addNode('n', { cpu: '4' });
  await world.client.patch(nodes, keyOf(node), {
    spec: { taints: [{ key: 'k', effect: 'NoSchedule' }] },
  });
  const blocker = await world.addPod('blocker', { ...asking('3'), nodeName: 'n' });
  await world.advance(20);
  t.is(await nodeOf(world, pod), undefined);

  await world.client.patch(nodes, keyOf(node), { spec: { taints: [] } });
  await world.advance(20);
  const refused = await world.settled(pods, pod);
  t.is(
    findCondition(refused?.status?.conditions, 'PodScheduled')?.message,
    '0/1 nodes are available: 1 Insufficient cpu.',
  );
  await world.client.delete(pods, keyOf(blocker), { gracePeriodSeconds: 0 });
  await world.advance(10);
  t.is(await nodeOf(world, pod), 'n');
});

test('Pods of other schedulers and gated Pods are left alone', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  const other = await world.addPod('other', { schedulerName: 'mine' });
  const gated = await world.addPod('gated', { schedulingGates: [{ name: 'x.io/wait' }] });
  t.is(await nodeOf(world, other), undefined);
  t.is(await nodeOf(world, gated), undefined);
});

test('a node is never given more than it has, however late the watch', async (t) => {
  const world = await startWorld(t);
  for (const name of ['a', 'b']) await world.addNode(name, { cpu: '4' });
  await world.quiet();
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
  await Promise.all(names.map((name) => world.addPod(name, asking('1'))));
  await world.quiet();
  const placed = (await world.client.list(pods)).items.map(({ spec }) => spec?.nodeName ?? '');
  t.deepEqual(
    ['a', 'b', ''].map((name) => placed.filter((each) => each === name).length),
    [4, 4, 12],
  );
});

test('a binding that fails gives the room back and is tried again', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n', { cpu: '2' });
  const error = { code: 500, reason: 'InternalError', message: 'not now' };
  world.server.faults.add({ verb: 'create', subresource: 'binding', times: 2, error });
  const pod = await world.addPod('p', asking('2'));
  await world.advance(2);
  t.is(await nodeOf(world, pod), 'n');
});

test('a binding whose answer was lost is not lost', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n', { cpu: '2' });
  world.server.faults.add({
    verb: 'create',
    subresource: 'binding',
    times: 1,
    dropConnection: 'after',
  });
  const first = await world.addPod('first', asking('2'));
  await world.advance(2);
  t.is(await nodeOf(world, first), 'n');
  const second = await world.addPod('second', asking('2'));
  await world.advance(2);
  t.is(await nodeOf(world, second), undefined);
});
