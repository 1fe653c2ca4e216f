import test from 'ava';
import type { Pod } from '#api/core.ts';
import { pod } from '../testing/objects.ts';
import { deepFreeze, IndexedStore } from './store.ts';

const byNode = { node: ({ spec }: Pod) => (spec?.nodeName ? [spec.nodeName] : []) };
const onNode = (name: string, node: string, version = 1): Pod =>
  pod(name, version, { spec: { containers: [], nodeName: node } });

const names = (objects: Pod[]): (string | undefined)[] => objects.map((o) => o.metadata.name);

test('objects are found by key, namespace and index', (t) => {
  const store = new IndexedStore<Pod>(byNode);
  const elsewhere = pod('c', 1, { metadata: { namespace: 'other' } });
  for (const object of [onNode('a', 'n1'), onNode('b', 'n1'), elsewhere]) store.set(object);
  t.is(store.get({ namespace: 'default', name: 'a' })?.metadata.name, 'a');
  t.is(store.get({ namespace: 'other', name: 'a' }), undefined);
  t.deepEqual(names(store.list()), ['a', 'b', 'c']);
  t.deepEqual(names(store.list('other')), ['c']);
  t.deepEqual(names(store.byIndex('node', 'n1')), ['a', 'b']);
  t.deepEqual(store.byIndex('node', 'n2'), []);
  t.throws(() => store.byIndex('typo', 'n1'), { message: 'there is no index "typo"' });
});

test('an object that changes keeps its place in the list', (t) => {
  const store = new IndexedStore<Pod>();
  for (const object of [pod('a', 1), pod('b', 1), pod('a', 2)]) store.set(object);
  t.deepEqual(names(store.list()), ['a', 'b']);
});

test('an index follows its objects', (t) => {
  const store = new IndexedStore<Pod>(byNode);
  store.set(onNode('a', 'n1'));
  store.set(onNode('a', 'n2', 2));
  t.deepEqual(store.byIndex('node', 'n1'), []);
  t.is(store.byIndex('node', 'n2')[0]?.metadata.resourceVersion, '2');
  store.delete({ namespace: 'default', name: 'a' });
  t.deepEqual(store.list(), []);
  t.deepEqual(store.byIndex('node', 'n2'), []);
  store.delete({ namespace: 'default', name: 'a' });
});

test('an index that comes late knows what is there already', (t) => {
  const store = new IndexedStore<Pod>();
  store.set(onNode('a', 'n1'));
  store.addIndexes(byNode);
  t.deepEqual(names(store.byIndex('node', 'n1')), ['a']);
  t.throws(() => store.addIndexes({ node: () => [] }), {
    message: 'there is another index "node" already',
  });
  t.notThrows(() => store.addIndexes(byNode), 'the same one is shared');
});

test('freezing goes all the way down', (t) => {
  const frozen = deepFreeze({ a: [{ b: { c: 1 } }] });
  t.throws(() => (frozen.a[0]!.b.c = 2), { instanceOf: TypeError });
  t.throws(() => frozen.a.push({ b: { c: 2 } }), { instanceOf: TypeError });
});
