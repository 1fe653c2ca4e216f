import test from 'ava';
import { cloneJson, getPath, jsonEqual, setPath, shareUnchanged, view } from './object.ts';

const pairs: [unknown, unknown, boolean][] = [
  [{ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [[1, 2], [2, 1], false],
  [[1], [1, 2], false],
  [{}, [], false],
  [null, {}, false],
  ['1', 1, false],
];

test('equality is that of JSON', (t) => {
  for (const [left, right, isEqual] of pairs) {
    t.is(jsonEqual(left, right), isEqual, JSON.stringify([left, right]));
    t.is(jsonEqual(right, left), isEqual, JSON.stringify([right, left]));
  }
});

test('a copy shares nothing', (t) => {
  const original = { a: [{ b: 1 }] };
  const copy = cloneJson(original);
  t.deepEqual(copy, original);
  t.not(copy.a[0], original.a[0]);
});

test('what did not change is shared, and nothing else', (t) => {
  const old = { same: { x: [1, 2] }, list: [{ n: 1 }, { n: 2 }], gone: 1 };
  const next = { same: { x: [1, 2] }, list: [{ n: 1 }, { n: 3 }], added: 1 };
  const shared = shareUnchanged<object>(old, next);
  t.deepEqual(shared, next);
  t.is(getPath(shared, ['same']), old.same);
  t.is(view<unknown[]>(getPath(shared, ['list']))[0], old.list[0]);
  t.is(shareUnchanged(old, cloneJson(old)), old);
  t.not(shareUnchanged<object>(old, { same: old.same, list: old.list }), old, 'a field is gone');
  t.deepEqual(shareUnchanged([1, 2, 3], [1, 2]), [1, 2]);
});

test('paths reach through objects only', (t) => {
  const target = { a: { b: 1 } };
  setPath(target, ['a', 'c', 'd'], 2);
  t.deepEqual(target as unknown, { a: { b: 1, c: { d: 2 } } });
  t.is(getPath(target, ['a', 'b', 'x']), undefined);
});
