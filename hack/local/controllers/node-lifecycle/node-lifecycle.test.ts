import test from 'ava';
import { nodes, pods } from '#api/core.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { readyConditionOf } from '../objects/pod.ts';
import { readyOf, startWorld, taintsOf } from '../testing/world.ts';

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';

test('a silent node is Unknown after the grace period, its Pods are not Ready', async (t) => {
  const world = await startWorld(t, { disabled: ['taintEviction'] });
  const node = await world.addNode('silent');
  await world.addNode('alive');
  const pod = await world.run(await world.addPod('p', { nodeName: 'silent' }));
  for (let seconds = 0; seconds < 40; seconds += 10) {
    await world.report('alive');
    await world.advance(10);
  }
  t.is(readyOf(await world.node('silent')), 'True');
  await world.advance(6);

  const silent = await world.node('silent');
  const ready = readyConditionOf(silent);
  t.like(ready, {
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastHeartbeatTime: readyConditionOf(node)?.lastHeartbeatTime,
  });
  const seconds = (world.clock.now() - Date.parse(ready?.lastTransitionTime ?? '')) / 1000;
  t.true(seconds >= 0 && seconds <= 5, `changed ${seconds} s ago`);
  t.deepEqual(
    silent.status?.conditions?.map(({ status }) => status),
    ['Unknown', 'Unknown', 'Unknown', 'Unknown'],
  );
  t.deepEqual(taintsOf(silent), [`${unreachable}:NoSchedule`, `${unreachable}:NoExecute`]);
  t.is(readyOf(await world.client.get(pods, keyOf(pod))), 'False');
  t.deepEqual(await world.reasons(pod), ['NodeNotReady']);
  t.deepEqual(await world.reasons(silent), ['RegisteredNode', 'NodeNotReady']);
  t.is(readyOf(await world.node('alive')), 'True');
});

test('a node that renews its lease stays as it is', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  for (let seconds = 0; seconds < 120; seconds += 10) {
    await world.renewLease('n');
    await world.advance(10);
  }
  t.is(readyOf(await world.node('n')), 'True');
});

test('a node that never posts a status is Unknown after the startup grace period', async (t) => {
  const world = await startWorld(t);
  await world.client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } });
  await world.advance(60);
  t.is(readyOf(await world.node('n')), undefined);
  await world.advance(6);
  t.like(readyConditionOf(await world.node('n')), {
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
  });
});

test('NoSchedule taints follow the conditions at once, NoExecute taints at the next look', async (t) => {
  const world = await startWorld(t);
  const node = await world.addNode('n');
  await world.addNode('other');
  await world.advance(1);
  t.deepEqual(taintsOf(await world.node('n')), []);

  await world.report('n', 'False', { DiskPressure: 'True' });
  await world.quiet();
  const taints = [`${notReady}:NoSchedule`, 'node.kubernetes.io/disk-pressure:NoSchedule'];
  t.deepEqual(taintsOf(await world.node('n')).toSorted(), taints.toSorted());
  await world.advance(5);
  t.deepEqual(
    taintsOf(await world.node('n')).toSorted(),
    [...taints, `${notReady}:NoExecute`].toSorted(),
  );

  await world.report('n', 'True');
  await world.quiet();
  t.deepEqual(taintsOf(await world.node('n')), [`${notReady}:NoExecute`]);
  await world.advance(5);
  t.deepEqual(taintsOf(await world.node('n')), []);

  await world.client.patch(nodes, keyOf(node), { spec: { unschedulable: true } });
  await world.quiet();
  t.deepEqual(taintsOf(await world.node('n')), ['node.kubernetes.io/unschedulable:NoSchedule']);
});

test('nothing is evicted while no node at all is Ready', async (t) => {
  const world = await startWorld(t);
  await world.addNode('a');
  await world.addNode('b');
  await world.report('a', 'False');
  await world.advance(6);
  t.true(taintsOf(await world.node('a')).includes(`${notReady}:NoExecute`));

  await world.report('b', 'False');
  await world.advance(6);
  t.deepEqual(taintsOf(await world.node('a')), [`${notReady}:NoSchedule`]);
  t.deepEqual(taintsOf(await world.node('b')), [`${notReady}:NoSchedule`]);

  await world.report('b', 'True');
  await world.advance(6);
  t.true(taintsOf(await world.node('a')).includes(`${notReady}:NoExecute`));
});

test('NoExecute taints come no faster than the eviction rate', async (t) => {
  const world = await startWorld(t, { evictionRate: 0.1, disabled: ['taintEviction'] });
  for (const name of ['ready', 'a', 'b', 'c']) await world.addNode(name);
  for (const name of ['a', 'b', 'c']) await world.report(name, 'False');
  const tainted = async (): Promise<number> => {
    const all = await Promise.all(['a', 'b', 'c'].map((name) => world.node(name)));
    return all.filter((node) => taintsOf(node).includes(`${notReady}:NoExecute`)).length;
  };
  await world.advance(6);
  t.is(await tainted(), 1);
  await world.advance(10);
  t.is(await tainted(), 2);
  await world.advance(10);
  t.is(await tainted(), 3);
});

test('a taint is written over no change of somebody else', async (t) => {
  const world = await startWorld(t);
  const node = await world.addNode('n');
  await world.quiet();
  world.server.faults.add({
    verb: 'patch',
    resource: 'nodes',
    userAgent: 'controllers',
    times: 2,
    conflict: true,
  });
  const spec = { taints: [{ key: 'mine', effect: 'NoSchedule' }], unschedulable: true };
  await world.client.patch(nodes, keyOf(node), { spec });
  await world.quiet();
  t.deepEqual(taintsOf(await world.node('n')), [
    'mine:NoSchedule',
    'node.kubernetes.io/unschedulable:NoSchedule',
  ]);
});

test('a node that is removed and comes back is registered anew', async (t) => {
  const world = await startWorld(t);
  const first = await world.addNode('n');
  await world.advance(6);
  await world.client.delete(nodes, keyOf(first));
  await world.advance(6);
  const second = await world.addNode('n');
  await world.advance(6);
  t.deepEqual(await world.reasons(first), ['RegisteredNode', 'RemovingNode']);
  t.deepEqual(await world.reasons(second), ['RegisteredNode']);
});
