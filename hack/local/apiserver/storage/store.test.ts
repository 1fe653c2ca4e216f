import test from 'ava';
import type { ApiObject } from '../object.ts';
import type { Change } from './history.ts';
import { SortedKeys } from './sorted-keys.ts';
import { keyOf, Store, VersionCounter } from './store.ts';

const object = (name: string, more: object = {}): ApiObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n' },
  ...more,
});

const names = (stored: Iterable<{ object: ApiObject }>): string[] =>
  [...stored].map((item) => item.object.metadata.name ?? '');

test('versions grow over all resources of a server', (t) => {
  const counter = new VersionCounter();
  const [one, two] = [new Store(counter, 10), new Store(counter, 10)];
  const a = one.put(object('a'));
  const b = two.put(object('b'));
  t.is(b.version, a.version + 1);
  t.is(a.object.metadata.resourceVersion, String(a.version));
  t.is(one.version, b.version);
});

test('the past can be listed as long as history reaches', (t) => {
  const store = new Store(new VersionCounter(), 100);
  for (const name of ['a', 'b', 'd']) store.put(object(name));
  const then = store.version;
  store.put(object('c'));
  store.put(object('a', { data: { x: '1' } }));
  store.put(object('a', { data: { x: '2' } }));
  store.delete(keyOf('n', 'b'), object('b'));
  store.put(object('b', { data: { again: 'yes' } }));
  t.deepEqual(names(store.list()), ['a', 'b', 'c', 'd']);
  const past = [...store.listAt(then)];
  t.deepEqual(names(past), ['a', 'b', 'd']);
  t.true(past.every((stored) => stored.object['data'] === undefined));
  t.deepEqual(names(store.listAt(then, 'n/', keyOf('n', 'a'))), ['b', 'd']);
});

test('history is a ring that knows what it has forgotten', (t) => {
  const store = new Store(new VersionCounter(), 3);
  const versions = ['a', 'b', 'c', 'd', 'e'].map((name) => store.put(object(name)).version);
  t.is<number | undefined, number | undefined>(store.compacted, versions[1]);
  const since = (version = 0): number[] =>
    [...store.changesSince(version)].map((change) => change.version);
  t.deepEqual(since(versions[1]), versions.slice(2));
  t.deepEqual(since(versions[3]), versions.slice(4));
  t.deepEqual(since(versions[4]), []);
  store.compact();
  t.is(store.compacted, store.version);
  const next = store.put(object('f')).version;
  t.deepEqual(since(versions[4]), [next]);
});

test('listeners learn what was and what is', (t) => {
  const store = new Store(new VersionCounter(), 10);
  const changes: Change[] = [];
  store.onChange((change) => void changes.push(change));
  const first = store.put(object('a'));
  const second = store.put(object('a', { data: {} }));
  const final = store.delete(keyOf('n', 'a'), second.object);
  t.deepEqual(
    changes.map(({ previous, current }) => [previous, current]),
    [
      [undefined, first],
      [first, second],
      [second, undefined],
    ],
  );
  t.is(changes[2]?.final, final);
  t.is(final.object.metadata.resourceVersion, String(final.version));
  t.is(second.object.metadata.resourceVersion, String(second.version), 'untouched');
});

test('JSON is made once and follows conversion', (t) => {
  const store = new Store(new VersionCounter(), 10);
  const stored = store.put(object('a'));
  t.is(stored.json, JSON.stringify(stored.object));
  t.is(stored.as('v1'), stored);
  const other = stored.as('v2');
  t.is(other, stored.as('v2'));
  t.is(other.object.apiVersion, 'v2');
  t.is(stored.object.apiVersion, 'v1');
});

test('keys come in order and by prefix', (t) => {
  const keys = new SortedKeys();
  for (const key of ['b/x', 'a/z', 'a/a', 'ab/c', 'a/m']) keys.add(key);
  t.deepEqual([...keys.range('')], ['a/a', 'a/m', 'a/z', 'ab/c', 'b/x']);
  t.deepEqual([...keys.range('a/')], ['a/a', 'a/m', 'a/z']);
  t.deepEqual([...keys.range('a/', 'a/a')], ['a/m', 'a/z']);
  keys.delete('a/m');
  t.deepEqual([...keys.range('a/', 'a/b')], ['a/z']);
  t.is(keys.size, 4);
});
