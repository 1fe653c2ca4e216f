import test from 'ava';
import { isDeepEqual, mergePatch } from './merge-patch.ts';

/** RFC 7386, section 2. */
function applyPatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const result: Record<string, unknown> = isObject(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) Reflect.deleteProperty(result, name);
    else result[name] = applyPatch(result[name], value);
  }
  return result;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const table: [string, object, object, object | undefined][] = [
  ['nothing changed', { a: 1, b: { c: [1] } }, { b: { c: [1] }, a: 1 }, undefined],
  ['a scalar', { a: 1, b: 2 }, { a: 1, b: 3 }, { b: 3 }],
  ['a removal', { a: 1, b: 2 }, { a: 1 }, { b: null }],
  ['undefined as removal', { a: 1 }, { a: undefined }, { a: null }],
  ['null where nothing was', {}, { a: null }, undefined],
  [
    'a deep change',
    { a: { b: { c: 1, d: 2 } } },
    { a: { b: { c: 1 } } },
    { a: { b: { d: null } } },
  ],
  ['a list as a whole', { a: [1, 2] }, { a: [1] }, { a: [1] }],
  ['an equal list of objects', { a: [{ b: 1 }] }, { a: [{ b: 1, c: undefined }] }, undefined],
  ['an empty object that appears', {}, { a: {} }, { a: {} }],
  ['an empty object that vanishes', { a: {} }, {}, { a: null }],
  ['a scalar that becomes an object', { a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ['an object that becomes a list', { a: { b: 1 } }, { a: [] }, { a: [] }],
  ['an object that loses all', { a: { b: 1 } }, { a: {} }, { a: { b: null } }],
];

for (const [what, before, after, patch] of table) {
  test(`the patch for ${what} is minimal`, (t) => {
    t.deepEqual(mergePatch(before, after), patch);
  });
}

test('applied to what it came from, a patch yields what it leads to', (t) => {
  let seed = 7;
  const random = (limit: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  const value = (depth: number): unknown => {
    const choice = random(depth > 3 ? 3 : 6);
    if (choice < 3) return [random(3), 'text', true][choice];
    if (choice === 3) return Array.from({ length: random(3) }, () => value(depth + 1));
    return object(depth + 1);
  };
  const object = (depth: number): object =>
    Object.fromEntries(Array.from({ length: random(4) }, () => [`k${random(4)}`, value(depth)]));
  for (let round = 0; round < 2_000; round++) {
    const before = object(0);
    const after = object(0);
    const result = applyPatch(before, mergePatch(before, after) ?? {});
    t.deepEqual(result, after, JSON.stringify({ before, after }));
  }
});

test('equality looks at values, not at the order of fields', (t) => {
  t.true(isDeepEqual({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 }));
  t.true(isDeepEqual(undefined, undefined));
  t.false(isDeepEqual([1, 2], [2, 1]));
  t.false(isDeepEqual({ a: 1 }, undefined));
  t.false(isDeepEqual([], {}));
});
