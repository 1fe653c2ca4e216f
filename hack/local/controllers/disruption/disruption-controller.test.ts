import test from 'ava';
import type { PodDisruptionBudget } from '#api/core.ts';
import { podDisruptionBudgets, pods } from '#api/core.ts';
import { isTooManyRequests } from '#runtime/client/errors.ts';
import { replicaSets } from '../objects/kinds.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

const key = { namespace: 'default', name: 'budget' };
const labels = { app: 'web' };

async function createBudget(world: World, spec: PodDisruptionBudget['spec']): Promise<void> {
  await world.client.create(podDisruptionBudgets, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: key,
    spec: { selector: { matchLabels: labels }, ...spec },
  });
}

/** `allowed of healthy/expected, keep desired: reason` */
async function summary(world: World): Promise<string> {
  await world.quiet();
  const { status } = await world.client.get(podDisruptionBudgets, key);
  const { disruptionsAllowed, currentHealthy, expectedPods, desiredHealthy } = status ?? {};
  const numbers = `${disruptionsAllowed} of ${currentHealthy}/${expectedPods}, keep ${desiredHealthy}`;
  return `${numbers}: ${status?.conditions?.[0]?.reason}`;
}

async function evict(world: World, name: string): Promise<void> {
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: 'default' },
  };
  await world.client.createSubresource(pods, { namespace: 'default', name }, 'eviction', eviction);
}

test('a budget follows its Pods', async (t) => {
  const world = await startWorld(t);
  await createBudget(world, { minAvailable: 2 });
  t.is(await summary(world), '0 of 0/0, keep 2: InsufficientPods');
  const created = [];
  for (const name of ['a', 'b', 'c'])
    created.push(await world.addPod(name, { nodeName: 'n' }, { labels }));
  await world.addPod('other', {}, { labels: { app: 'other' } });
  t.is(await summary(world), '0 of 0/3, keep 2: InsufficientPods');
  for (const pod of created) await world.run(pod);
  t.is(await summary(world), '1 of 3/3, keep 2: SufficientPods');
  if (created[0] !== undefined) await world.run(created[0], 'False');
  t.is(await summary(world), '0 of 2/3, keep 2: InsufficientPods');
});

test('evictions are granted within the budget only', async (t) => {
  const world = await startWorld(t);
  await createBudget(world, { minAvailable: 2 });
  for (const name of ['a', 'b', 'c']) {
    await world.run(await world.addPod(name, { nodeName: 'n' }, { labels }));
  }
  t.is(await summary(world), '1 of 3/3, keep 2: SufficientPods');
  await evict(world, 'a');
  const error = await t.throwsAsync(evict(world, 'b'));
  t.true(isTooManyRequests(error));
  t.is(await summary(world), '0 of 2/3, keep 2: InsufficientPods');

  await world.run(await world.addPod('d', { nodeName: 'n' }, { labels }));
  t.is(await summary(world), '1 of 3/4, keep 2: SufficientPods');
  await evict(world, 'b');
  t.pass();
});

test('a share is one of the scale of the controller, not of the Pods there are', async (t) => {
  const world = await startWorld(t);
  await createBudget(world, { maxUnavailable: '50%' });
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  await world.client.create(replicaSets, {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 4, selector: { matchLabels: labels }, template },
  });
  await world.quiet();
  for (const pod of (await world.client.list(pods)).items.slice(0, 3)) await world.run(pod);
  t.is(await summary(world), '1 of 3/4, keep 2: SufficientPods');
  await world.client.patch(
    replicaSets,
    { namespace: 'default', name: 'web' },
    { spec: { replicas: 8 } },
  );
  t.is(await summary(world), '0 of 3/8, keep 4: InsufficientPods');
});

test('nothing may be disrupted while a controller is unknown', async (t) => {
  const world = await startWorld(t, { disabled: ['garbageCollector'] });
  await createBudget(world, { maxUnavailable: 1 });
  const owner = { apiVersion: 'x.io/v1', kind: 'Thing', name: 't', uid: 'u', controller: true };
  await world.run(await world.addPod('p', {}, { labels, ownerReferences: [owner] }));
  await world.quiet();
  const { status } = await world.client.get(podDisruptionBudgets, key);
  t.is(status?.disruptionsAllowed, 0);
  t.like(status?.conditions?.[0], {
    status: 'False',
    reason: 'SyncFailed',
    message: 'found no controllers for pod "p"',
  });
});

test('an eviction that was granted but led to no deletion is forgotten after two minutes', async (t) => {
  const world = await startWorld(t, { disabled: ['podGarbageCollector'] });
  await createBudget(world, { minAvailable: 1 });
  for (const name of ['a', 'b']) {
    await world.run(await world.addPod(name, { nodeName: 'n' }, { labels }));
  }
  await world.quiet();
  const disruptedPods = { a: new Date(world.clock.now()).toISOString() };
  const options = { subresource: 'status' } as const;
  await world.client.patch(podDisruptionBudgets, key, { status: { disruptedPods } }, options);
  t.is(await summary(world), '0 of 1/2, keep 1: InsufficientPods');
  await world.advance(125);
  t.is(await summary(world), '1 of 2/2, keep 1: SufficientPods');
  const { status } = await world.client.get(podDisruptionBudgets, key);
  t.is(status?.disruptedPods, undefined);
});
