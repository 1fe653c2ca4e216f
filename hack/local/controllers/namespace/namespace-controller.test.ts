import test from 'ava';
import { namespaces, pods } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

const configMaps: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const secrets: Kind = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

const key = { namespace: '', name: 'doomed' };

async function createNamespace(world: World): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: key.name } };
  await world.client.create(namespaces, namespace);
}

async function fill(
  world: World,
  kind: Kind,
  name: string,
  finalizers: string[] = [],
): Promise<void> {
  const metadata = { name, namespace: key.name, finalizers };
  await world.client.create(kind, { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata });
}

async function phase(world: World): Promise<string | undefined> {
  await world.quiet();
  const { items } = await world.client.list(namespaces);
  return items.find(({ metadata }) => metadata.name === key.name)?.status?.phase;
}

/** Discovery is not among the requests that `quiet` waits for. */
async function gone(world: World): Promise<void> {
  await world.until('the namespace is gone', async () => (await phase(world)) === undefined);
}

test('a deleted namespace goes with everything in it, and nothing else', async (t) => {
  const world = await startWorld(t);
  await createNamespace(world);
  for (const name of ['a', 'b']) await fill(world, configMaps, name);
  await fill(world, secrets, 's');
  await world.client.create(configMaps, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'elsewhere', namespace: 'default' },
  });
  t.is(await phase(world), 'Active');
  await world.client.delete(namespaces, key);
  await gone(world);
  t.deepEqual((await world.client.list(configMaps, { namespace: key.name })).items, []);
  await world.client.get(configMaps, { namespace: 'default', name: 'elsewhere' });
  t.pass();
});

test('it waits for Pods that end gracefully, and goes when they do', async (t) => {
  const world = await startWorld(t);
  await createNamespace(world);
  const pod = await world.addPod('p', { nodeName: 'n' }, { namespace: key.name });
  await world.client.delete(namespaces, key);
  await world.until('the Pod is told to go', async () => {
    const { metadata } = await world.client.get(pods, keyOf(pod));
    return metadata.deletionTimestamp !== undefined;
  });
  await world.advance(10);
  t.is(await phase(world), 'Terminating');
  await world.client.delete(pods, keyOf(pod), { gracePeriodSeconds: 0 });
  await gone(world);
});

test('it waits for finalizers of others', async (t) => {
  const world = await startWorld(t);
  await createNamespace(world);
  await fill(world, configMaps, 'held', ['example.io/hold']);
  await world.client.delete(namespaces, key);
  await world.advance(30);
  t.is(await phase(world), 'Terminating');
  const held = { namespace: key.name, name: 'held' };
  await world.client.patch(configMaps, held, { metadata: { finalizers: null } });
  await world.advance(5);
  await gone(world);
});

test('it stays while a kind cannot be listed', async (t) => {
  const world = await startWorld(t);
  await createNamespace(world);
  const error = { code: 500, reason: 'InternalError', message: 'not now' };
  const heal = world.server.faults.add({
    verb: 'list',
    resource: 'secrets',
    namespace: key.name,
    error,
  });
  await world.client.delete(namespaces, key);
  await world.advance(10);
  t.is(await phase(world), 'Terminating');
  heal();
  await world.advance(30);
  await gone(world);
});
