import test from 'ava';
import type { Kind } from '#api/kind.ts';
import type { OwnerReference } from '#api/meta.ts';
import { noteGone, noteSeen } from './attention.ts';
import type { Item } from './graph.ts';
import { foregroundFinalizer, isMeantBy, OwnershipGraph } from './graph.ts';

const kind: Kind = {
  group: '',
  version: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};

const owner = (uid: string): OwnerReference => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  name: uid,
  uid,
});

function item(uid: string, owners: string[] = [], more: Partial<Item> = {}): Item {
  return {
    kind,
    key: { namespace: 'default', name: uid },
    uid,
    owners: owners.map(owner),
    finalizers: [],
    deleting: false,
    ...more,
  };
}

const waiting: Partial<Item> = { deleting: true, finalizers: [foregroundFinalizer] };

function graphOf(...items: Item[]): OwnershipGraph {
  const graph = new OwnershipGraph();
  for (const each of items) graph.set(each);
  return graph;
}

const uids = (items: Item[]): string[] => items.map(({ uid }) => uid);

test('an object without owners needs no attention', (t) => {
  t.deepEqual(noteSeen(graphOf(), item('a')), []);
});

test('an object with owners is looked at once, not at each of its versions', (t) => {
  const graph = graphOf();
  t.deepEqual(noteSeen(graph, item('b', ['a'])), ['b']);
  t.deepEqual(noteSeen(graph, item('b', ['a'])), []);
});

test('dependents are known before and after their owner is', (t) => {
  const graph = graphOf(item('b', ['a']), item('a'), item('c', ['a', 'b']));
  t.deepEqual(uids(graph.dependentsOf('a')), ['b', 'c']);
  t.deepEqual(uids(graph.dependentsOf('b')), ['c']);
});

test('a reference that is dropped makes no dependent', (t) => {
  const graph = graphOf(item('b', ['a']), item('b', []));
  t.deepEqual(graph.dependentsOf('a'), []);
});

test('when an owner goes its dependents are looked at', (t) => {
  const graph = graphOf(item('a'), item('b', ['a']), item('c', ['a']));
  t.deepEqual(noteGone(graph, item('a')), ['b', 'c']);
  t.is(graph.get('a'), undefined);
});

test('when an owner begins to wait for its dependents, it and they are looked at', (t) => {
  const graph = graphOf(item('a'), item('b', ['a']));
  t.deepEqual(noteSeen(graph, item('a', [], waiting)), ['a', 'b']);
});

test('when a dependent goes, or lets go, an owner that waits for it is looked at', (t) => {
  const graph = graphOf(item('a', [], waiting), item('b', ['a']), item('c', ['a']));
  t.deepEqual(noteGone(graph, item('b', ['a'])), ['a']);
  t.deepEqual(noteSeen(graph, item('c', [])), ['a']);
});

const meant = test.macro<[Partial<OwnerReference>, string, boolean]>(
  (t, more, namespace, expected) => {
    t.is(isMeantBy(item('a'), { ...owner('a'), ...more }, namespace), expected);
  },
);

test('a reference means its object', meant, {}, 'default', true);
test('but not from another namespace', meant, {}, 'other', false);
test('but not from outside all namespaces', meant, {}, '', false);
test('but not by another uid', meant, { uid: 'b' }, 'default', false);
test('but not by another name', meant, { name: 'b' }, 'default', false);
test('but not by another kind', meant, { kind: 'Secret' }, 'default', false);
test('but not by another group', meant, { apiVersion: 'x.io/v1' }, 'default', false);
test('by any version', meant, { apiVersion: 'v2' }, 'default', true);
