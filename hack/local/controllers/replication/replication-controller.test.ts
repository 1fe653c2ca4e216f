import test from 'ava';
import type { Pod } from '#api/core.ts';
import { pods } from '#api/core.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { ReplicaSet, ReplicationController } from '../objects/kinds.ts';
import { replicaSets, replicationControllers } from '../objects/kinds.ts';
import { controllerOf } from '../objects/metadata.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

const key = { namespace: 'default', name: 'web' };
const labels = { app: 'web' };
const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };

async function createReplicaSet(world: World, replicas: number): Promise<ReplicaSet> {
  return world.client.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: key,
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
}

async function scale(world: World, replicas: number): Promise<void> {
  await world.client.patch(replicaSets, key, { spec: { replicas } });
}

async function webPods(world: World): Promise<Pod[]> {
  await world.quiet();
  const { items } = await world.client.list(pods, { labelSelector: 'app=web' });
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

test('there are as many Pods as wanted, also after a change and a loss', async (t) => {
  const world = await startWorld(t);
  const owner = await createReplicaSet(world, 3);
  const first = await webPods(world);
  t.is(first.length, 3);
  t.true(first.every((pod) => controllerOf(pod)?.uid === owner.metadata.uid));
  t.deepEqual(await world.reasons(owner), Array(3).fill('SuccessfulCreate'));

  await scale(world, 5);
  t.is((await webPods(world)).length, 5);
  await scale(world, 2);
  const kept = await webPods(world);
  t.is(kept.length, 2);
  for (const pod of kept) await world.client.delete(pods, keyOf(pod));
  const replaced = await webPods(world);
  t.is(replaced.length, 2);
  t.false(replaced.some((pod) => kept.some((old) => old.metadata.uid === pod.metadata.uid)));
});

test('the status counts what is there, Ready and available', async (t) => {
  const world = await startWorld(t);
  await createReplicaSet(world, 3);
  const [one, two] = await webPods(world);
  if (one === undefined || two === undefined) throw new Error('too few Pods');
  await world.run(one);
  await world.run(two, 'False');
  await world.quiet();
  const { status } = await world.client.get(replicaSets, key);
  t.deepEqual(status, {
    replicas: 3,
    fullyLabeledReplicas: 3,
    readyReplicas: 1,
    availableReplicas: 1,
    observedGeneration: 1,
  });
});

test('a late watch makes no Pod too many', async (t) => {
  const world = await startWorld(t);
  await world.quiet();
  world.server.faults.add({ verb: 'watch', resource: 'pods', latency: 20_000 });
  world.server.faults.dropWatches({ resource: 'pods' });
  await createReplicaSet(world, 3);
  await world.quiet();
  await scale(world, 4);
  t.is((await webPods(world)).length, 3);
  await world.advance(30);
  world.server.faults.clear();
  await world.advance(30);
  t.is((await webPods(world)).length, 4);
});

test('a creation that fails is reported and tried again', async (t) => {
  const world = await startWorld(t);
  const error = { code: 500, reason: 'InternalError', message: 'not now' };
  world.server.faults.add({ verb: 'create', resource: 'pods', times: 2, error });
  const owner = await createReplicaSet(world, 3);
  await world.advance(5);
  t.is((await webPods(world)).length, 3);
  const failure = (await world.events(owner)).find(({ reason }) => reason === 'FailedCreate');
  t.is(failure?.message, 'Error creating: not now');
});

test('a ReplicationController works alike, and its Pods go with it', async (t) => {
  const world = await startWorld(t);
  const owner: ReplicationController = await world.client.create(replicationControllers, {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: key,
    spec: { replicas: 2, selector: labels, template },
  });
  t.is((await webPods(world)).length, 2);
  await world.client.delete(replicationControllers, keyOf(owner));
  t.is((await webPods(world)).length, 0);
});
