/** CustomResourceDefinitions themselves. */
import { conformance, outcome, uniqueName } from '../suite.ts';
import { define, definition, definitions, sized } from './widgets.ts';

const refusedDefinitions: [title: string, spec: object, field: string][] = [
  ['a member without type', { properties: { a: {} } }, 'properties[a].type'],
  ['a list without items', { properties: { a: { type: 'array' } } }, 'properties[a].items'],
  [
    'a default of another type',
    { properties: { a: { type: 'string', default: 5 } } },
    'properties[a].default',
  ],
];

for (const [title, spec, field] of refusedDefinitions) {
  conformance(`a definition is refused: ${title}`, async (t, api) => {
    const group = `${uniqueName('g')}.example.com`;
    const reply = await api.post(definitions, definition(group, spec));
    t.is(outcome(reply), '422 Invalid');
    const root = 'spec.validation.openAPIV3Schema.properties[spec]';
    const fields = reply.body.details?.causes?.map((cause) => cause.field) ?? [];
    t.true(
      fields.some((found) => found?.endsWith(`properties[spec].${field}`)),
      `${root}: ${fields.join()}`,
    );
  });
}

conformance('a definition is named after what it defines', async (t, api) => {
  const wrong = { ...definition('g.example.com', {}), metadata: { name: 'gadgets.g.example.com' } };
  const reply = await api.post(definitions, wrong);
  t.is(outcome(reply), '422 Invalid');
  t.is(reply.body.details?.causes?.[0]?.field, 'metadata.name');
});

conformance('a definition takes its objects along', async (t, api) => {
  const { path, widget, group } = await define(api, sized);
  await api.must(api.post(path, widget('a', { size: 1 })));
  await api.must(api.delete(`${definitions}/widgets.${group}`));
  await api.gone(`${definitions}/widgets.${group}`);
  await api.gone(path);
  t.is((await api.get(`${path}/a`)).code, 404);
});

const approvals: [title: string, annotations: object | undefined, expected: string][] = [
  ['no word', undefined, '422 Invalid'],
  ['an empty word', { 'api-approved.kubernetes.io': '' }, '422 Invalid'],
  ['anything', { 'api-approved.kubernetes.io': 'yes' }, '422 Invalid'],
  ['a reason', { 'api-approved.kubernetes.io': 'unapproved, a test' }, '201'],
  ['a URL', { 'api-approved.kubernetes.io': 'https://example.com/1' }, '201'],
];

for (const [title, annotations, expected] of approvals) {
  conformance(`a group of Kubernetes' own needs to be approved of: ${title}`, async (t, api) => {
    const group = `${uniqueName('g')}.k8s.io`;
    const name = `widgets.${group}`;
    const metadata = { name, ...(annotations && { annotations }) };
    const reply = await api.post(definitions, { ...definition(group, {}), metadata });
    api.cleanUp(() => api.delete(`${definitions}/${name}`));
    t.is(outcome(reply), expected);
    if (reply.code === 201) return;
    const cause = reply.body.details?.causes?.[0];
    t.is(cause?.field, 'metadata.annotations[api-approved.kubernetes.io]');
    t.regex(cause?.message ?? '', /protected groups must have approval annotation/);
  });
}
