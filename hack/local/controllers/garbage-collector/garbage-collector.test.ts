import test from 'ava';
import { leases, nodes } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { KubernetesObject, ObjectMeta, OwnerReference } from '#api/meta.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { CustomResourceDefinition } from '../objects/kinds.ts';
import { customResourceDefinitions } from '../objects/kinds.ts';
import type { World } from '../testing/world.ts';
import { startWorld } from '../testing/world.ts';

const configMaps: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
const widgets: Kind = {
  group: 'example.io',
  version: 'v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
};

const widgetDefinition: CustomResourceDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.io' },
  spec: {
    group: 'example.io',
    scope: 'Namespaced',
    names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
    versions: [
      { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
    ],
  },
};

function ownedBy(owner: KubernetesObject, more: Partial<OwnerReference> = {}): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name ?? '', uid: metadata.uid ?? '', ...more };
}

async function create(
  world: World,
  kind: Kind,
  name: string,
  owners: OwnerReference[] = [],
  metadata: ObjectMeta = {},
): Promise<KubernetesObject> {
  return world.client.create(kind, {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    metadata: { name, namespace: 'default', ownerReferences: owners, ...metadata },
  });
}

async function names(
  world: World,
  kind: Kind,
  namespace = 'default',
): Promise<(string | undefined)[]> {
  await world.quiet();
  const { items } = await world.client.list(kind, { namespace });
  return items.map(({ metadata }) => metadata.name).filter((name) => name !== 'kube-root-ca.crt');
}

test('when the owner goes, its dependents and theirs go, and nothing else', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner');
  const dependent = await create(world, configMaps, 'dependent', [ownedBy(owner)]);
  await create(world, configMaps, 'grandchild', [ownedBy(dependent)]);
  const other = await create(world, configMaps, 'other');
  const shared = await create(world, configMaps, 'shared', [ownedBy(owner), ownedBy(other)]);
  t.is((await names(world, configMaps)).length, 5);

  await world.client.delete(configMaps, keyOf(owner));
  t.deepEqual(await names(world, configMaps), ['other', 'shared']);
  const { metadata } = await world.client.get(configMaps, keyOf(shared));
  t.deepEqual(metadata.ownerReferences, [ownedBy(other)]);
});

test('what is created for an owner that is gone already, or was replaced, goes', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner');
  await world.client.delete(configMaps, keyOf(owner));
  await create(world, configMaps, 'owner');
  await create(world, configMaps, 'late', [ownedBy(owner)]);
  t.deepEqual(await names(world, configMaps), ['owner']);
});

test('an owner whose watch is late costs no dependent its life', async (t) => {
  const world = await startWorld(t);
  await world.quiet();
  world.server.faults.add({ verb: 'watch', resource: 'nodes', latency: 60_000 });
  world.server.faults.dropWatches({ resource: 'nodes' });
  const node = await world.addNode('n');
  await create(world, configMaps, 'dependent', [ownedBy(node)]);
  t.deepEqual(await names(world, configMaps), ['dependent']);
});

test('leases of a node go with it', async (t) => {
  const world = await startWorld(t);
  const node = await world.addNode('n');
  const lease = await world.renewLease('n');
  const patch = { metadata: { ownerReferences: [ownedBy(node)] } };
  await world.client.patch(leases, keyOf(lease), patch);
  await world.client.delete(nodes, keyOf(node));
  t.deepEqual(await names(world, leases, 'kube-node-lease'), []);
});

test('deleted in the foreground, the owner goes after the dependents that block it', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner');
  const hold = { finalizers: ['example.io/hold'] };
  const blocking = ownedBy(owner, { blockOwnerDeletion: true });
  const held = await create(world, configMaps, 'held', [blocking], hold);
  await create(world, configMaps, 'child', [ownedBy(held, { blockOwnerDeletion: true })]);
  await create(world, configMaps, 'free', [ownedBy(owner)]);
  await world.client.delete(configMaps, keyOf(owner), { propagationPolicy: 'Foreground' });
  t.deepEqual(await names(world, configMaps), ['held', 'owner']);

  await world.client.patch(configMaps, keyOf(held), { metadata: { finalizers: null } });
  t.deepEqual(await names(world, configMaps), []);
});

test('orphaned, dependents stay and lose their reference', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner');
  const other = await create(world, configMaps, 'other');
  const child = await create(world, configMaps, 'child', [ownedBy(owner), ownedBy(other)]);
  await world.client.delete(configMaps, keyOf(owner), { propagationPolicy: 'Orphan' });
  t.deepEqual(await names(world, configMaps), ['child', 'other']);
  const { metadata } = await world.client.get(configMaps, keyOf(child));
  t.deepEqual(metadata.ownerReferences, [ownedBy(other)]);
});

test('custom resources own and are owned as soon as their kind is served', async (t) => {
  const world = await startWorld(t);
  await world.client.create(customResourceDefinitions, widgetDefinition);
  await world.quiet();
  const node = await world.addNode('n');
  const widget = await create(world, widgets, 'w', [ownedBy(node)]);
  await create(world, configMaps, 'c', [ownedBy(widget)]);
  t.deepEqual(await names(world, configMaps), ['c']);
  await world.client.delete(nodes, keyOf(node));
  t.deepEqual(await names(world, widgets), []);
  t.deepEqual(await names(world, configMaps), []);
});

test('when a custom kind goes, what its objects owned goes', async (t) => {
  const world = await startWorld(t);
  const definition = await world.client.create(customResourceDefinitions, widgetDefinition);
  await world.quiet();
  const widget = await create(world, widgets, 'w');
  await create(world, configMaps, 'c', [ownedBy(widget)]);
  await world.quiet();
  await world.client.delete(customResourceDefinitions, keyOf(definition));
  await world.advance(5);
  t.deepEqual(await names(world, configMaps), []);
});

test('an owner of an unknown kind holds its dependent', async (t) => {
  const world = await startWorld(t);
  const owner = { apiVersion: 'nowhere.io/v1', kind: 'Thing', name: 't', uid: 'u' };
  await create(world, configMaps, 'c', [owner]);
  await world.advance(60);
  t.deepEqual(await names(world, configMaps), ['c']);
});

test('an owner in another namespace is none, and the dependent is told so', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner', [], { namespace: 'kube-system' });
  const dependent = await create(world, configMaps, 'c', [ownedBy(owner)]);
  t.deepEqual(await names(world, configMaps), []);
  const [event] = await world.events(dependent);
  t.like(event, {
    type: 'Warning',
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
  });
});

test('a cluster-scoped object with a namespaced owner stays', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner');
  const node = await world.addNode('n');
  const ownerReferences = [ownedBy(owner)];
  await world.client.patch(nodes, keyOf(node), { metadata: { ownerReferences } });
  await world.client.delete(configMaps, keyOf(owner));
  await world.quiet();
  t.is((await world.node('n')).metadata.deletionTimestamp, undefined);
});

test('conflicts and failures on the way do not stop it', async (t) => {
  const world = await startWorld(t);
  const owner = await create(world, configMaps, 'owner');
  for (const name of ['a', 'b', 'c']) await create(world, configMaps, name, [ownedBy(owner)]);
  await world.quiet();
  const error = { code: 500, reason: 'InternalError', message: 'not now' };
  const mine = { userAgent: 'controllers', resource: 'configmaps' } as const;
  world.server.faults.add({ ...mine, verb: 'delete', times: 2, conflict: true });
  world.server.faults.add({ ...mine, verb: 'get', times: 2, error });
  await world.client.delete(configMaps, keyOf(owner));
  await world.advance(5);
  t.deepEqual(await names(world, configMaps), []);
});
