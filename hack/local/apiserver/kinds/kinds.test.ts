/** Every built-in kind, whatever a client makes of it. */
import test from 'ava';
import { BuiltInSchemas } from '../schema/built-in.ts';
import { startApi } from '../testing.ts';
import { builtInDefinitions } from './built-in.ts';

const definitions = builtInDefinitions(new BuiltInSchemas());
const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io';

const bodies: [string, object][] = [
  ['nothing but a name', {}],
  ['an empty spec and status', { spec: {}, status: {} }],
  ['an empty template', { spec: { selector: {}, template: {} } }],
];

for (const [what, body] of bodies) {
  test(`an object with ${what} is taken or refused by every kind, and can be printed`, async (t) => {
    const api = await startApi(t);
    for (const { group, kind, plural, namespaced } of definitions) {
      const root = group === '' ? '/api/v1' : `/apis/${group}/v1`;
      const path = `${root}${namespaced ? '/namespaces/default' : ''}/${plural}`;
      const reply = await api.post(path, { kind, metadata: { name: 'x' }, ...body });
      t.true([201, 400, 422].includes(reply.code), `${kind}: ${reply.code} ${reply.body.message}`);
      const table = await api.get(path, { accept: tableType });
      t.is(table.code, 200, `${kind}: ${table.body.message}`);
    }
  });
}

test('plurals, short names and kinds are told apart', (t) => {
  const words = definitions.flatMap(({ group, plural, shortNames }) =>
    [plural, ...shortNames].map((word) => `${group}/${word}`),
  );
  t.is(new Set(words).size, words.length);
});
