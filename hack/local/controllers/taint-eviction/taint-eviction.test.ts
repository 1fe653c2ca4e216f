import test from 'ava';
import { nodes, pods } from '#api/core.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

const taint = { key: 'k', effect: 'NoExecute' };
const tolerating = (seconds?: number) => ({
  nodeName: 'n',
  tolerations: [
    { key: 'k', operator: 'Exists', ...(seconds !== undefined && { tolerationSeconds: seconds }) },
  ],
});

async function setTaints(world: World, taints: (typeof taint)[]): Promise<void> {
  await world.client.patch(nodes, { namespace: '', name: 'n' }, { spec: { taints } });
  await world.quiet();
}

/** Whether the Pod was not told to go: its node does not answer, so it stays in any case. */
async function mayStay(world: World, name: string): Promise<boolean> {
  const pod = await world.client.get(pods, { namespace: 'default', name });
  return pod.metadata.deletionTimestamp === undefined;
}

test('a Pod stays as long as it tolerates the taint', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  await world.addNode('other');
  const intolerant = await world.addPod('intolerant', { nodeName: 'n' });
  await world.addPod('patient', tolerating(10));
  await world.addPod('content', tolerating());
  await world.addPod('elsewhere', { nodeName: 'other' });
  await setTaints(world, [taint]);

  t.false(await mayStay(world, 'intolerant'));
  t.true(await mayStay(world, 'patient'));
  await world.advance(9);
  t.true(await mayStay(world, 'patient'));
  await world.advance(1);
  t.false(await mayStay(world, 'patient'));
  await world.advance(600);
  t.true(await mayStay(world, 'content'));
  t.true(await mayStay(world, 'elsewhere'));

  const [event] = await world.events(intolerant);
  t.like(event, {
    type: 'Normal',
    reason: 'TaintManagerEviction',
    message: 'Marking for deletion Pod default/intolerant',
  });
  const condition = (await world.settled(pods, intolerant))?.status?.conditions?.find(
    ({ type }) => type === 'DisruptionTarget',
  );
  t.like(condition, { status: 'True', reason: 'DeletionByTaintManager' });
});

test('when the taint goes in time the Pod stays, and the next taint starts anew', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  const pod = await world.addPod('p', tolerating(10));
  await setTaints(world, [taint]);
  await world.advance(8);
  await setTaints(world, []);
  await world.advance(8);
  t.true(await mayStay(world, 'p'));
  t.is((await world.events(pod))[0]?.message, 'Cancelling deletion of Pod default/p');

  await setTaints(world, [taint]);
  await world.advance(8);
  t.true(await mayStay(world, 'p'));
  await world.advance(2);
  t.false(await mayStay(world, 'p'));
});

test('a second taint does not give more time', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  const { nodeName, tolerations } = tolerating(10);
  const other = { key: 'other', operator: 'Exists', tolerationSeconds: 60 };
  await world.addPod('p', { nodeName, tolerations: [...tolerations, other] });
  await setTaints(world, [taint]);
  await world.advance(8);
  await setTaints(world, [taint, { ...taint, key: 'other' }]);
  await world.advance(2);
  t.false(await mayStay(world, 'p'));
});

test('a Pod that is bound to a tainted node has its time from then on', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  await setTaints(world, [taint]);
  await world.advance(30);
  await world.addPod('p', tolerating(10));
  await world.advance(9);
  t.true(await mayStay(world, 'p'));
  await world.advance(1);
  t.false(await mayStay(world, 'p'));
});

test('a deletion that fails is tried again', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  await world.addPod('p', { nodeName: 'n' });
  const error = { code: 500, reason: 'InternalError', message: 'not now' };
  world.server.faults.add({ verb: 'delete', resource: 'pods', times: 3, error });
  await setTaints(world, [taint]);
  t.true(await mayStay(world, 'p'));
  await world.advance(5);
  t.false(await mayStay(world, 'p'));
});

test('a NotReady node evicts Pods after their default five minutes', async (t) => {
  const world = await startWorld(t, { gracePeriod: 3_600_000 });
  await world.addNode('n');
  await world.addNode('other');
  const pod = await world.addPod('p', { nodeName: 'n' });
  await world.report('n', 'False');
  await world.advance(295);
  t.true(await mayStay(world, 'p'));
  await world.advance(11);
  t.not((await ifFound(world.client.get(pods, keyOf(pod))))?.metadata.deletionTimestamp, undefined);
});
