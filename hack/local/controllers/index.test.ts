import test from 'ava';
import { pods } from '#api/core.ts';
import { taintsOf, startWorld } from './testing/world.ts';

test('what is disabled is left to somebody else', async (t) => {
  const world = await startWorld(t, { disabled: ['scheduler', 'nodeLifecycle'] });
  await world.addNode('n');
  const pod = await world.addPod('p', { tolerations: [{ operator: 'Exists' }] });
  await world.advance(60);
  t.is((await world.settled(pods, pod))?.spec?.nodeName, undefined);
  t.deepEqual(taintsOf(await world.node('n')), ['node.kubernetes.io/not-ready:NoSchedule']);
});

test('each kind is watched once, whoever needs it', async (t) => {
  const world = await startWorld(t);
  const watches: string[] = [];
  world.server.onRequest(({ verb, resource }) => {
    if (verb === 'watch') watches.push(resource);
  });
  world.server.faults.dropWatches(); // so that all of them begin again
  await world.advance(2);
  t.true(watches.includes('pods'));
  t.deepEqual(watches.toSorted(), [...new Set(watches)].toSorted());
});

test('in a settled cluster nothing is written', async (t) => {
  const world = await startWorld(t);
  await world.addNode('n');
  const pod = await world.addPod('p');
  await world.addPod('unschedulable', { nodeSelector: { no: 'where' } });
  await world.run(pod);
  await world.advance(10);
  const writes: string[] = [];
  world.server.onRequest(({ verb, resource, userAgent }) => {
    const isWrite = !['get', 'list', 'watch'].includes(verb);
    if (isWrite && userAgent === 'controllers') writes.push(`${verb} ${resource}`);
  });
  await world.renewLease('n');
  await world.advance(30);
  t.deepEqual(writes, []);
});
