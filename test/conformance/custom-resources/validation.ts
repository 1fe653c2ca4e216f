/** What schemas refuse, and in which words. */
import type { Reply } from '#local/apiserver/testing.ts';
import { conformance, outcome } from '../suite.ts';
import { define } from './widgets.ts';

type Cause = [field: string, message: string];

const textOf = ([field, message]: Cause): string => `${field}: ${message}`;

/** Sorted: a real server looks at fields in any order. */
function causesOf({ body }: Reply): string[] {
  const causes = body.details?.causes ?? [];
  return causes.map(({ field = '', message }) => textOf([field, message])).toSorted();
}

const checked = {
  properties: {
    size: { type: 'integer', minimum: 3, maximum: 10, multipleOf: 2 },
    color: { type: 'string', enum: ['red', 'blue'] },
    name: { type: 'string', minLength: 2, pattern: '^[a-z]+$' },
    many: { type: 'array', items: { type: 'string' }, minItems: 2 },
    once: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    port: { 'x-kubernetes-int-or-string': true },
    when: { type: 'string', format: 'date-time' },
    address: { type: 'string', format: 'ipv4' },
    level: { type: 'integer', enum: [1, 2] },
    map: { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 },
    one: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      oneOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    any: {
      type: 'object',
      properties: { a: { type: 'string' }, b: { type: 'string' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
    },
    all: { type: 'integer', allOf: [{ minimum: 3 }, { multipleOf: 2 }] },
    no: { type: 'string', not: { enum: ['x'] } },
    nested: {
      type: 'object',
      required: ['deep'],
      properties: { deep: { type: 'object', required: ['x'] } },
    },
  },
};

const mistakes: [title: string, spec: object, causes: Cause[]][] = [
  [
    'a wrong type',
    { size: 'big' },
    [['spec.size', 'Invalid value: "string": spec.size in body must be of type integer: "string"']],
  ],
  [
    'a fraction',
    { size: 4.5 },
    [
      ['spec.size', 'Invalid value: "number": spec.size in body must be of type integer: "number"'],
      ['spec.size', 'Invalid value: 4.5: spec.size in body should be a multiple of 2'],
    ],
  ],
  [
    'a wrong type where only some words are allowed',
    { color: 5 },
    [
      [
        'spec.color',
        'Invalid value: "integer": spec.color in body must be of type string: "integer"',
      ],
      ['spec.color', 'Unsupported value: 5: supported values: "red", "blue"'],
    ],
  ],
  [
    'a list for an object',
    { one: [] },
    [
      [
        '<nil>',
        'Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
      ['spec.one', 'Invalid value: "array": spec.one in body must be of type object: "array"'],
    ],
  ],
  [
    'too little',
    { size: 1 },
    [
      ['spec.size', 'Invalid value: 1: spec.size in body should be a multiple of 2'],
      ['spec.size', 'Invalid value: 1: spec.size in body should be greater than or equal to 3'],
    ],
  ],
  [
    'too much',
    { size: 12 },
    [['spec.size', 'Invalid value: 12: spec.size in body should be less than or equal to 10']],
  ],
  [
    'an unknown word',
    { color: 'green' },
    [['spec.color', 'Unsupported value: "green": supported values: "red", "blue"']],
  ],
  [
    'an unknown number',
    { level: 3 },
    [['spec.level', 'Unsupported value: 3: supported values: "1", "2"']],
  ],
  [
    'short text, of which only the length is told',
    { name: 'A' },
    [['spec.name', 'Invalid value: "A": spec.name in body should be at least 2 chars long']],
  ],
  [
    'text that does not match',
    { name: 'ABC' },
    [['spec.name', 'Invalid value: "ABC": spec.name in body should match \'^[a-z]+$\'']],
  ],
  [
    'a short list',
    { many: ['a'] },
    [['spec.many', 'Invalid value: 1: spec.many in body should have at least 2 items']],
  ],
  ['a repeated item', { once: ['a', 'a'] }, [['spec.once[1]', 'Duplicate value: "a"']]],
  [
    'neither number nor text',
    { port: true },
    [
      [
        'spec.port',
        'Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      ],
    ],
  ],
  [
    'no time',
    { when: 'now' },
    [['spec.when', 'Invalid value: "now": spec.when in body must be of type date-time: "now"']],
  ],
  [
    'no address',
    { address: '1.2.3' },
    [
      [
        'spec.address',
        'Invalid value: "1.2.3": spec.address in body must be of type ipv4: "1.2.3"',
      ],
    ],
  ],
  [
    'a small map',
    { map: { a: 1 } },
    [['spec.map', 'Invalid value: 2: spec.map in body should have at least 2 properties']],
  ],
  [
    'a wrong type in a map',
    { map: { a: 'x', b: 1 } },
    [
      [
        'spec.map.a',
        'Invalid value: "string": spec.map.a in body must be of type integer: "string"',
      ],
    ],
  ],
  [
    'none of oneOf',
    { one: {} },
    [
      [
        '<nil>',
        'Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found none valid',
      ],
      ['spec.one.a', 'Required value'],
    ],
  ],
  [
    'both of oneOf',
    { one: { a: 'x', b: 'y' } },
    [
      [
        '<nil>',
        'Invalid value: "": "spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
  ],
  [
    'none of anyOf',
    { any: {} },
    [
      ['<nil>', 'Invalid value: "": "spec.any" must validate at least one schema (anyOf)'],
      ['spec.any.a', 'Required value'],
    ],
  ],
  [
    'not all of allOf',
    { all: 1 },
    [
      [
        '<nil>',
        'Invalid value: "": "spec.all" must validate all the schemas (allOf). None validated',
      ],
      ['spec.all', 'Invalid value: 1: spec.all in body should be a multiple of 2'],
      ['spec.all', 'Invalid value: 1: spec.all in body should be greater than or equal to 3'],
    ],
  ],
  [
    'what must not be',
    { no: 'x' },
    [['<nil>', 'Invalid value: "": "spec.no" must not validate the schema (not)']],
  ],
  ['a missing member', { nested: {} }, [['spec.nested.deep', 'Required value']]],
  ['a missing member below', { nested: { deep: {} } }, [['spec.nested.deep.x', 'Required value']]],
];

conformance('a schema refuses mistakes and names their fields', async (t, api) => {
  const { path, widget, group } = await define(api, checked);
  for (const [title, spec, causes] of mistakes) {
    const reply = await api.post(path, widget('a', spec));
    t.is(outcome(reply), '422 Invalid', title);
    t.deepEqual(causesOf(reply), causes.map(textOf).toSorted(), title);
    t.is(reply.body.details?.kind, 'Widget');
    t.is(reply.body.details?.group, group);
  }
  const valid = { size: 4, one: { a: 'x' }, port: '80', when: '2026-01-02T03:04:05Z', all: 4 };
  t.is((await api.post(path, widget('a', valid))).code, 201);
});

conformance('causes have reasons', async (t, api) => {
  const { path, widget } = await define(api, { ...checked, required: ['size'] });
  const reasons = async (spec: object): Promise<unknown[]> => {
    const { body } = await api.post(path, widget('a', spec));
    return (body.details?.causes ?? []).map(({ reason }) => reason);
  };
  t.deepEqual(await reasons({}), ['FieldValueRequired']);
  t.deepEqual(await reasons({ size: 11 }), ['FieldValueInvalid', 'FieldValueInvalid']);
  t.deepEqual(await reasons({ size: 4, color: 'green' }), ['FieldValueNotSupported']);
  t.deepEqual(await reasons({ size: 4, once: ['a', 'a'] }), ['FieldValueDuplicate']);
  // Until 1.23 a wrong type was no reason of its own.
  const wrongType = api.minor >= 24 ? 'FieldValueTypeInvalid' : 'FieldValueInvalid';
  t.deepEqual(await reasons({ size: 'big' }), [wrongType]);
});
