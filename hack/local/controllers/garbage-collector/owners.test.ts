import test from 'ava';
import type { Kind } from '#api/kind.ts';
import type { OwnerReference } from '#api/meta.ts';
import { MemoryClient } from '#test/helpers/memory-client.ts';
import type { Item } from './graph.ts';
import { foregroundFinalizer, OwnershipGraph } from './graph.ts';
import { Owners } from './owners.ts';

const configMaps: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

const item = (uid: string, more: Partial<Item> = {}): Item => ({
  kind: configMaps,
  key: { namespace: 'default', name: uid },
  uid,
  owners: [],
  finalizers: [],
  deleting: false,
  ...more,
});

const owner: OwnerReference = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'owner' };
const elsewhere = item('other', { key: { namespace: 'other', name: 'other' } });
const outside = item('outside', { key: { namespace: '', name: 'outside' } });

function setUp(kinds: Kind[] = [configMaps]) {
  const client = new MemoryClient();
  const graph = new OwnershipGraph();
  const findKind = (_: string, name: string): Kind | undefined =>
    kinds.find(({ kind }) => kind === name);
  const owners = new Owners({ client, graph, findKind });
  const { signal } = new AbortController();
  const stateFor = (dependent: Item, reference = owner) =>
    owners.stateOf(dependent, reference, signal);
  return { client, graph, owners, stateFor };
}

test('an owner in the graph is not asked for', async (t) => {
  const { client, graph, stateFor } = setUp();
  graph.set(item('owner'));
  t.is(await stateFor(item('d')), 'solid');
  graph.set(item('owner', { deleting: true, finalizers: ['x.io/hold'] }));
  t.is(await stateFor(item('d')), 'solid');
  graph.set(item('owner', { deleting: true, finalizers: [foregroundFinalizer] }));
  t.is(await stateFor(item('d')), 'waiting');
  t.deepEqual(client.requests, []);
});

test('an owner that no watch has shown is asked for', async (t) => {
  const { client, stateFor } = setUp();
  const metadata = { name: 'owner', namespace: 'default' };
  const stored = await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata });
  const reference = { ...owner, uid: stored.metadata.uid ?? '' };
  t.is(await stateFor(item('d'), reference), 'solid');
  t.is(await stateFor(item('d'), { ...owner, uid: 'an earlier one' }), 'absent');
});

test('an absent owner is asked for once, not once per dependent', async (t) => {
  const { client, stateFor } = setUp();
  t.is(await stateFor(item('a')), 'absent');
  t.is(await stateFor(item('b')), 'absent');
  t.is(client.requests.length, 1);
  t.is(await stateFor(elsewhere), 'absent');
  t.is(client.requests.length, 2);
});

test('a failure is no absence', async (t) => {
  const { client, stateFor } = setUp();
  client.before = () => {
    throw new Error('no answer');
  };
  await t.throwsAsync(stateFor(item('a')), { message: 'no answer' });
});

test('who cannot be looked up is neither there nor absent', async (t) => {
  t.is(await setUp([]).stateFor(item('d')), 'unresolvable');
  t.is(await setUp().stateFor(outside), 'unresolvable');
});

test('an owner that was seen to go is absent even when its kind went too, in its namespace', async (t) => {
  const { owners, stateFor } = setUp([]);
  owners.noteGone(item('owner'));
  t.is(await stateFor(item('d')), 'absent');
  t.is(await stateFor(elsewhere), 'unresolvable');
  t.is(await stateFor(outside), 'unresolvable');
});
