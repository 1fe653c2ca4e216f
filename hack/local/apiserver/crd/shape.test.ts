/** Pruning, defaulting and the paths of columns. */
import test from 'ava';
import type { Schema } from '../schema/types.ts';
import { setDefaults } from './default.ts';
import { compareVersions } from './definition.ts';
import { compileJsonPath } from './json-path.ts';
import { prune } from './prune.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'string' },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { n: { type: 'object' } },
        },
        map: {
          type: 'object',
          additionalProperties: { type: 'object', properties: { x: { type: 'integer' } } },
        },
        list: { type: 'array', items: { type: 'object', properties: { x: { type: 'integer' } } } },
        maybe: { type: 'string', nullable: true },
        whole: { type: 'object', 'x-kubernetes-embedded-resource': true },
      },
    },
  },
};

test('prunes what is not specified, at any depth', (t) => {
  const object = {
    apiVersion: 'x/v1',
    kind: 'X',
    metadata: { name: 'x' },
    stray: 1,
    spec: {
      a: 'kept',
      b: 'stray',
      free: { anything: { goes: 1 }, n: { stray: 1 } },
      map: { k: { x: 1, stray: 2 } },
      list: [{ x: 1 }, { stray: 2 }],
      maybe: null,
      whole: { apiVersion: 'v1', kind: 'Y', metadata: { name: 'y' }, stray: 1 },
      constructor: 'stray',
    },
  };
  t.deepEqual(prune(schema, object, 'resource'), [
    'stray',
    'spec.b',
    'spec.free.n.stray',
    'spec.map.k.stray',
    'spec.list[1].stray',
    'spec.whole.stray',
    'spec.constructor',
  ]);
  t.deepEqual(object as unknown, {
    apiVersion: 'x/v1',
    kind: 'X',
    metadata: { name: 'x' },
    spec: {
      a: 'kept',
      free: { anything: { goes: 1 }, n: {} },
      map: { k: { x: 1 } },
      list: [{ x: 1 }, {}],
      maybe: null,
      whole: { apiVersion: 'v1', kind: 'Y', metadata: { name: 'y' } },
    },
  });
});

test('a null where none may be counts as absent', (t) => {
  const object = { spec: { a: null } };
  t.deepEqual(prune(schema, object, 'resource'), []);
  t.deepEqual(object as unknown, { spec: {} });
});

test('defaults fill what is absent, and what they bring is filled too', (t) => {
  const withDefaults: Schema = {
    properties: {
      a: { type: 'string', default: 'x' },
      o: { type: 'object', default: {}, properties: { n: { type: 'integer', default: 1 } } },
      absent: { type: 'object', properties: { n: { type: 'integer', default: 1 } } },
      list: { type: 'array', items: { properties: { n: { default: 1 } } } },
      map: { type: 'object', additionalProperties: { properties: { n: { default: 1 } } } },
    },
  };
  const object = { a: '', list: [{}, { n: 2 }], map: { k: {} } };
  setDefaults(withDefaults, object);
  t.deepEqual(object as unknown, {
    a: '',
    o: { n: 1 },
    list: [{ n: 1 }, { n: 2 }],
    map: { k: { n: 1 } },
  });
  const other = {};
  setDefaults(withDefaults, other);
  setDefaults(withDefaults, object);
  t.not(
    (other as { o?: object }).o,
    withDefaults.properties?.['o']?.default,
    'a copy, not the default',
  );
});

const object = {
  spec: {
    list: [
      { type: 'A', v: 1 },
      { type: 'B', v: 2 },
    ],
    'dotted.key': 'x',
    n: 3,
  },
};

const paths: [string, unknown[]][] = [
  ['.spec.n', [3]],
  ['.spec.none.deeper', []],
  ['.spec.list[0].v', [1]],
  ['.spec.list[-1].v', [2]],
  ['.spec.list[*].v', [1, 2]],
  ['.spec.list[?(@.type=="B")].v', [2]],
  [".spec.list[?(@.type=='A')].v", [1]],
  ['.spec.list[?(@.v==2)].type', ['B']],
  [String.raw`.spec.dotted\.key`, ['x']],
  [".spec['dotted.key']", ['x']],
];

for (const [path, found] of paths) {
  test(`the path ${path} finds ${JSON.stringify(found)}`, (t) => {
    t.deepEqual(compileJsonPath(path)(object), found);
  });
}

test('a path that is not supported is an error', (t) => {
  t.throws(() => compileJsonPath('.spec..x'), { message: /unsupported JSONPath/ });
  t.throws(() => compileJsonPath('spec[?(@.x>1)]'), { message: /unsupported JSONPath/ });
});

test('versions are preferred as Kubernetes prefers them', (t) => {
  const names = ['foo', 'v1alpha1', 'v10', 'v2', 'v1beta2', 'v1beta10', 'v1', 'bar'];
  t.deepEqual(names.toSorted(compareVersions), [
    'v10',
    'v2',
    'v1',
    'v1beta10',
    'v1beta2',
    'v1alpha1',
    'bar',
    'foo',
  ]);
});
