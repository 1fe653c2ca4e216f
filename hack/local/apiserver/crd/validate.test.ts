import test from 'ava';
import { describeFieldError } from '../field-error.ts';
import type { Schema } from '../schema/types.ts';
import { validateStructural } from './structural.ts';
import { validateSchema } from './validate.ts';

const object = (properties: Record<string, Schema>, more: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...more,
});

function problems(schema: Schema, value: unknown): string[] {
  return validateSchema(schema, value).map(
    (error) => `${error.field}: ${describeFieldError(error)}`,
  );
}

const rejected: [Schema, unknown, string][] = [
  [
    { type: 'integer' },
    'x',
    'Invalid value: "string": a in body must be of type integer: "string"',
  ],
  [
    { type: 'integer' },
    1.5,
    'Invalid value: "number": a in body must be of type integer: "number"',
  ],
  [{ type: 'string' }, null, 'Invalid value: "null": a in body must be of type string: "null"'],
  [{ type: 'boolean' }, [], 'Invalid value: "array": a in body must be of type boolean: "array"'],
  [
    { 'x-kubernetes-int-or-string': true },
    true,
    'Invalid value: "boolean": a in body must be of type integer,string: "boolean"',
  ],
  [
    { type: 'integer', minimum: 1 },
    0,
    'Invalid value: 0: a in body should be greater than or equal to 1',
  ],
  [
    { type: 'integer', minimum: 1, exclusiveMinimum: true },
    1,
    'Invalid value: 1: a in body should be greater than 1',
  ],
  [
    { type: 'number', maximum: 1.5 },
    2,
    'Invalid value: 2: a in body should be less than or equal to 1.5',
  ],
  [{ type: 'integer', multipleOf: 2 }, 3, 'Invalid value: 3: a in body should be a multiple of 2'],
  [
    { type: 'string', minLength: 2 },
    'é',
    'Invalid value: "é": a in body should be at least 2 chars long',
  ],
  [{ type: 'string', maxLength: 2 }, 'abc', 'Too long: may not be more than 2 bytes'],
  [{ type: 'string', pattern: '^a+$' }, 'b', 'Invalid value: "b": a in body should match \'^a+$\''],
  [
    { type: 'string', format: 'date-time' },
    'x',
    'Invalid value: "x": a in body must be of type date-time: "x"',
  ],
  [{ type: 'string', enum: ['x', 'y'] }, 'z', 'Unsupported value: "z": supported values: "x", "y"'],
  [
    { type: 'array', minItems: 1, items: {} },
    [],
    'Invalid value: 0: a in body should have at least 1 items',
  ],
  [{ type: 'array', maxItems: 1, items: {} }, [1, 2], 'Too many: 2: must have at most 1 items'],
  [
    { type: 'object', minProperties: 1 },
    {},
    'Invalid value: 1: a in body should have at least 1 properties',
  ],
];

for (const [schema, value, message] of rejected) {
  test(`${JSON.stringify(value)} against ${JSON.stringify(schema)}`, (t) => {
    t.deepEqual(problems(object({ a: schema }), { a: value }), [`a: ${message}`]);
  });
}

const combined: [Schema, string[]][] = [
  [
    { anyOf: [{ pattern: 'x' }, { pattern: 'y' }] },
    [
      '<nil>: Invalid value: "": "a" must validate at least one schema (anyOf)',
      'a: Invalid value: "z": a in body should match \'x\'',
    ],
  ],
  [
    { oneOf: [{ pattern: 'z' }, { minLength: 1 }] },
    [
      '<nil>: Invalid value: "": "a" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  ],
  [{ not: { pattern: 'z' } }, ['<nil>: Invalid value: "": "a" must not validate the schema (not)']],
  [
    { allOf: [{ pattern: 'z' }, { minLength: 2 }, { minLength: 2 }] },
    [
      '<nil>: Invalid value: "": "a" must validate all the schemas (allOf)',
      'a: Invalid value: "z": a in body should be at least 2 chars long',
    ],
  ],
];

for (const [schema, messages] of combined) {
  test(`"z" against the combination ${JSON.stringify(schema)}`, (t) => {
    const wanted = object({ a: { type: 'string', ...schema } });
    t.deepEqual(problems(wanted, { a: 'z' }), messages);
  });
}

const accepted: [Schema, unknown][] = [
  [{ type: 'integer' }, 1],
  [{ type: 'number' }, 1],
  [{ type: 'string', nullable: true }, null],
  [{ 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] }, '5%'],
  [{ type: 'string', format: 'duration' }, '1m30s'],
  [{ type: 'string', format: 'date-time' }, '2030-01-01T00:00:00.5+01:00'],
  [{ type: 'string', format: 'unheard-of' }, 'anything'],
  [{ type: 'string', pattern: '(?i)^ABC$' }, 'abc'],
  [{ type: 'string', pattern: String.raw`^[\w\-\_]+$` }, 'a-b_c'],
  [{ type: 'string', maxLength: 2 }, '😀😀'],
  [{ type: 'object', additionalProperties: { type: 'string' } }, { x: 'y' }],
];

for (const [schema, value] of accepted) {
  test(`${JSON.stringify(value)} is valid against ${JSON.stringify(schema)}`, (t) => {
    t.deepEqual(problems(object({ a: schema }), { a: value }), []);
  });
}

test('paths name members, indexes and keys', (t) => {
  const schema = object(
    {
      list: { type: 'array', items: object({ name: { type: 'string' } }, { required: ['name'] }) },
      map: { type: 'object', additionalProperties: { type: 'integer' } },
    },
    { required: ['list', 'other'] },
  );
  t.deepEqual(problems(schema, { list: [{ name: 'x' }, {}, { name: 1 }], map: { k: 'v' } }), [
    'other: Required value',
    'list[1].name: Required value',
    'list[2].name: Invalid value: "integer": list[2].name in body must be of type string: "integer"',
    'map.k: Invalid value: "string": map.k in body must be of type integer: "string"',
  ]);
});

test('lists that are sets or maps hold each entry once', (t) => {
  const set: Schema = {
    type: 'array',
    items: { type: 'string' },
    'x-kubernetes-list-type': 'set',
  };
  t.deepEqual(problems(object({ a: set }), { a: ['x', 'y', 'x'] }), ['a[2]: Duplicate value: "x"']);
  const map: Schema = {
    type: 'array',
    items: object({ type: { type: 'string' } }),
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  };
  t.deepEqual(
    problems(object({ a: map }), {
      a: [
        { type: 'x', n: 1 },
        { type: 'x', n: 2 },
      ],
    }),
    ['a[1]: Duplicate value: {"type":"x"}'],
  );
});

const notStructural: [string, Schema, string][] = [
  [
    'an untyped field',
    object({ a: {} }),
    'root.properties[a].type: Required value: must not be empty for specified object fields',
  ],
  [
    'an untyped item',
    object({ a: { type: 'array', items: {} } }),
    'root.properties[a].items.type: Required value: must not be empty for specified array items',
  ],
  [
    'a list of nothing',
    object({ a: { type: 'array' } }),
    'root.properties[a].items: Required value: must be specified',
  ],
  [
    'a pattern that is none',
    object({ a: { type: 'string', pattern: '(' } }),
    'root.properties[a].pattern: Invalid value: "(": must be a valid regular expression, but is not',
  ],
  [
    'a default of another type',
    object({ a: { type: 'integer', default: 'x' } }),
    'root.properties[a].default: Invalid value: "string": root.properties[a].default in body must be of type integer: "string"',
  ],
  [
    'a default with unknown fields',
    object({ a: { ...object({}), default: { x: 1 } } }),
    'root.properties[a].default: Invalid value: {"x":1}: must not have unknown fields',
  ],
  ['no type at all', {}, 'root.type: Required value: must not be empty at the root'],
  [
    'another type than object',
    { type: 'string' },
    'root.type: Invalid value: "string": must be object at the root',
  ],
];

for (const [what, schema, message] of notStructural) {
  test(`a schema with ${what} is not structural`, (t) => {
    const found = validateStructural(schema, 'root');
    t.deepEqual(
      found.map((error) => `${error.field}: ${describeFieldError(error)}`),
      [message],
    );
  });
}
