import test from 'ava';
import { nodes, pods } from '#api/core.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { startWorld } from '../testing/world.ts';

test('Pods of a node that is gone are removed after the quarantine', async (t) => {
  const world = await startWorld(t);
  const node = await world.addNode('n');
  const pod = await world.run(await world.addPod('p', { nodeName: 'n' }));
  const stays = await world.addPod('stays', { nodeName: 'other' });
  await world.addNode('other');
  await world.client.delete(nodes, keyOf(node));
  await world.advance(39);
  t.not(await world.settled(pods, pod), undefined);
  await world.advance(1);
  t.is(await world.settled(pods, pod), undefined);
  t.is((await world.settled(pods, stays))?.metadata.deletionTimestamp, undefined);
});

test('a node that comes back in time keeps its Pods', async (t) => {
  const world = await startWorld(t);
  const node = await world.addNode('n');
  const pod = await world.addPod('p', { nodeName: 'n' });
  await world.client.delete(nodes, keyOf(node));
  await world.advance(30);
  await world.addNode('n');
  await world.advance(30);
  t.not(await world.settled(pods, pod), undefined);

  await world.client.delete(nodes, keyOf(node));
  await world.advance(30);
  t.not(await world.settled(pods, pod), undefined);
  await world.advance(10);
  t.is(await world.settled(pods, pod), undefined);
});

test('a Pod that was being deleted when its node went is removed, too', async (t) => {
  const world = await startWorld(t, { podQuarantine: 1_000 });
  const pod = await world.addPod('p', { nodeName: 'never' });
  await world.client.delete(pods, keyOf(pod));
  await world.advance(2);
  t.is(await world.settled(pods, pod), undefined);
});

test('a node that only our watch does not show keeps its Pods', async (t) => {
  const world = await startWorld(t);
  world.server.faults.add({ verb: 'watch', resource: 'nodes', latency: 3_600_000 });
  world.server.faults.dropWatches({ resource: 'nodes' });
  await world.addNode('n');
  const pod = await world.addPod('p', { nodeName: 'n' });
  await world.advance(50);
  t.not(await world.settled(pods, pod), undefined);
});
