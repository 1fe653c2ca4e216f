import test from 'ava';
import type { JsonObject } from '#api/json.ts';
import type { Schema } from '../schema/types.ts';
import { applyMergePatch } from './merge.ts';
import { applyStrategicPatch } from './strategic.ts';

const schema: Schema = {
  properties: {
    list: {
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
      items: { properties: { inner: { 'x-kubernetes-patch-strategy': 'merge' } } },
    },
    set: { 'x-kubernetes-patch-strategy': 'merge' },
    kept: { 'x-kubernetes-patch-strategy': 'retainKeys' },
    replaced: { 'x-kubernetes-patch-strategy': 'replace' },
  },
};

const a = { name: 'a', x: 1 };
const b = { name: 'b', x: 2 };
const c = { name: 'c', x: 3 };

const patches: [string, JsonObject, JsonObject, JsonObject][] = [
  ['null removes', { x: 1, y: { z: 2 } }, { x: null, y: { z: null } }, { y: {} }],
  ['objects merge', { x: { y: 1 } }, { x: { z: 2 } }, { x: { y: 1, z: 2 } }],
  ['plain lists are replaced', { plain: [1, 2] }, { plain: [3] }, { plain: [3] }],
  [
    'items are found by key',
    { list: [a, b] },
    { list: [{ name: 'b', y: 9 }] },
    { list: [a, { ...b, y: 9 }] },
  ],
  ['new items come first', { list: [a] }, { list: [b] }, { list: [b, a] }],
  [
    'items are deleted',
    { list: [a, b] },
    { list: [{ name: 'a', $patch: 'delete' }] },
    { list: [b] },
  ],
  [
    'a list is replaced on demand',
    { list: [a, b] },
    { list: [c, { $patch: 'replace' }] },
    { list: [c] },
  ],
  [
    'lists inside items merge too',
    { list: [{ name: 'a', inner: [1] }] },
    { list: [{ name: 'a', inner: [2] }] },
    { list: [{ name: 'a', inner: [2, 1] }] },
  ],
  ['sets unite', { set: ['a', 'b'] }, { set: ['b', 'c'] }, { set: ['a', 'b', 'c'] }],
  [
    'items leave sets',
    { set: ['a', 'b', 'c'] },
    { '$deleteFromPrimitiveList/set': ['a', 'c'] },
    { set: ['b'] },
  ],
  [
    'the order of the client wins, items of the server stay before what was after them',
    { list: [a, c, b] },
    { '$setElementOrder/list': [{ name: 'b' }, { name: 'a' }], list: [{ name: 'a', x: 5 }] },
    { list: [c, b, { ...a, x: 5 }] },
  ],
  [
    'the order of a set',
    { set: ['a', 'b'] },
    { '$setElementOrder/set': ['c', 'b', 'a'], set: ['c'] },
    { set: ['c', 'b', 'a'] },
  ],
  [
    'only retained keys stay',
    { kept: { type: 'x', x: { y: 1 }, z: 2 } },
    { kept: { $retainKeys: ['type', 'z'], type: 'z' } },
    { kept: { type: 'z', z: 2 } },
  ],
  [
    'an object is replaced by its strategy',
    { replaced: { x: 1 } },
    { replaced: { y: 2 } },
    { replaced: { y: 2 } },
  ],
  [
    'an object is replaced on demand',
    { o: { x: 1 } },
    { o: { $patch: 'replace', y: 2 } },
    { o: { y: 2 } },
  ],
  ['an object is emptied on demand', { o: { x: 1 } }, { o: { $patch: 'delete' } }, { o: {} }],
  ['a list may be new', {}, { list: [a, { name: 'b', $patch: 'delete' }] }, { list: [a] }],
];

for (const [what, before, patch, after] of patches) {
  test(`strategic merge patch: ${what}`, (t) => {
    t.deepEqual(applyStrategicPatch(structuredClone(before), patch, schema), after);
  });
}

test('strategic merge patch refuses what makes no sense', (t) => {
  t.throws(() => applyStrategicPatch({}, { list: [{ x: 1 }] }, schema), {
    message: /does not contain declared merge key: name/,
  });
  t.throws(() => applyStrategicPatch({}, { $patch: 'explode' }, schema), {
    message: /unknown patch type: /,
  });
  t.throws(() => applyStrategicPatch({}, { list: [1] }, schema), { message: /expected an object/ });
});

// RFC 7386, appendix A, as far as the target is an object.
const examples: [JsonObject, JsonObject, JsonObject][] = [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
  [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
  [{ a: 'b' }, { a: null }, {}],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
  [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
  [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

test('merge patch follows the examples of its RFC', (t) => {
  for (const [before, patch, after] of examples) {
    t.deepEqual(applyMergePatch(structuredClone(before), patch), after);
  }
});
