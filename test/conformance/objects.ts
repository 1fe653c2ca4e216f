/** Creating and reading objects, and how refusals look. */
import { configMap } from '#local/apiserver/testing.ts';
import { conformance, outcome, refusal } from './suite.ts';

conformance('a new object gets an identity and keeps what was written', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { code, body } = await api.post(configMaps, configMap('a', { k: 'v' }));
  t.is(code, 201);
  t.like(body, { kind: 'ConfigMap', apiVersion: 'v1', data: { k: 'v' } });
  const { name, namespace, uid, resourceVersion, creationTimestamp } = body.metadata;
  t.is(name, 'a');
  t.true(configMaps.includes(`/${namespace}/`));
  t.regex(String(uid), /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
  t.regex(String(resourceVersion), /^\d+$/);
  t.regex(String(creationTimestamp), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.deepEqual((await api.get(`${configMaps}/a`)).body, body);
});

conformance('the server decides uid and creation time', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const foreign = { uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z' };
  const { body } = await api.must(api.post(configMaps, configMap('a', {}, foreign)));
  t.not(body.metadata.uid, 'mine');
  t.not(body.metadata.creationTimestamp, foreign.creationTimestamp);
});

conformance('generateName gives each object a name of its own', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const create = async (generateName: string): Promise<string> => {
    const reply = api.post(configMaps, { metadata: { generateName } });
    const { metadata } = (await api.must(reply)).body;
    t.is(metadata.generateName, generateName);
    return metadata.name ?? '';
  };
  const [first, second] = [await create('worker-'), await create('worker-')];
  t.regex(first, /^worker-[a-z\d]{5}$/);
  t.not(first, second);
  const long = await create('w'.repeat(80));
  t.is(long.length, 63, 'a prefix is cut so that the name fits a label');
});

conformance('a name is taken once', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  await api.must(api.post(configMaps, configMap('a')));
  const again = await api.post(configMaps, configMap('a'));
  t.deepEqual(again.body, {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'configmaps "a" already exists',
    reason: 'AlreadyExists',
    details: { name: 'a', kind: 'configmaps' },
    code: 409,
  } as unknown);
});

const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const unreadable: [
  title: string,
  metadata: { name?: string; [field: string]: unknown },
  causes: [field: string, message: string][],
][] = [
  ['no name', {}, [['metadata.name', 'Required value: name or generateName is required']]],
  ['a bad name', { name: 'A_b' }, [['metadata.name', `Invalid value: "A_b": ${subdomain}`]]],
  [
    'a finalizer that nobody owns',
    { name: 'a', finalizers: ['mine'] },
    [
      [
        'metadata.finalizers[0]',
        'Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
  ],
  [
    'an owner without identity',
    { name: 'a', ownerReferences: [{ name: 'x' }] },
    [
      ['metadata.ownerReferences.apiVersion', 'Invalid value: "": version must not be empty'],
      ['metadata.ownerReferences.kind', 'Invalid value: "": kind must not be empty'],
      ['metadata.ownerReferences.uid', 'Invalid value: "": uid must not be empty'],
    ],
  ],
];

for (const [title, metadata, causes] of unreadable) {
  conformance(`422 names each field: ${title}`, async (t, api) => {
    const reply = await api.post(`${await api.namespace()}/configmaps`, { metadata });
    t.is(outcome(reply), '422 Invalid');
    const { details, message = '' } = reply.body;
    t.deepEqual(
      details?.causes?.map((cause) => [cause.field, cause.message]),
      causes,
    );
    t.is(details?.name, metadata.name);
    t.is(details?.kind, 'ConfigMap');
    const texts = causes.map(([field, text]) => `${field}: ${text}`);
    const all = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
    t.is(message, `ConfigMap "${metadata.name ?? ''}" is invalid: ${all}`);
  });
}

conformance('a bad generateName is refused beside the name made of it', async (t, api) => {
  const metadata = { generateName: 'Bad_' };
  const { body } = await api.post(`${await api.namespace()}/configmaps`, { metadata });
  const fields = body.details?.causes?.map(({ field }) => field);
  t.deepEqual(fields, ['metadata.generateName', 'metadata.name']);
});

const refusedBodies: [title: string, body: object | string, outcome: string][] = [
  ['JSON that ends early', '{"metadata":', '400 BadRequest'],
  ['nothing', '', '400 BadRequest'],
  ['a list', '[]', '400 BadRequest'],
  ['text for an object', { metadata: 'a' }, '400 BadRequest'],
  ['a number for text', { metadata: { name: 'a' }, data: { k: 1 } }, '400 BadRequest'],
  ['another kind', { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'a' } }, '400 BadRequest'],
  ['an unknown kind', { kind: 'No', apiVersion: 'v1', metadata: { name: 'a' } }, '400 BadRequest'],
  [
    'another group',
    { kind: 'ConfigMap', apiVersion: 'apps/v1', metadata: { name: 'a' } },
    '400 BadRequest',
  ],
  ['another namespace', { metadata: { name: 'a', namespace: 'other' } }, '400 BadRequest'],
  ['a version', { metadata: { name: 'a', resourceVersion: '5' } }, '500'],
];

for (const [title, body, expected] of refusedBodies) {
  conformance(`POST refuses ${title}`, async (t, api) => {
    const configMaps = `${await api.namespace()}/configmaps`;
    const reply = await api.send('POST', configMaps, body);
    t.is(outcome(reply), expected);
    t.is(reply.body['code'], reply.code);
    t.is((await api.get(`${configMaps}/a`)).code, 404);
  });
}

conformance('a built-in kind may be left out of the body, and is filled in', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { body } = await api.post(configMaps, { metadata: { name: 'a' } });
  t.like(body, { kind: 'ConfigMap', apiVersion: 'v1' });
});

const paths: [title: string, method: string, path: string, outcome: string][] = [
  ['an object that is not there', 'GET', '/configmaps/none', '404 NotFound'],
  ['a resource that is not there', 'GET', '/nones', '404 NotFound'],
  ['a subresource that is not there', 'GET', '/configmaps/a/status', '404 NotFound'],
  ['POST to an object', 'POST', '/configmaps/a', '405 MethodNotAllowed'],
  ['PUT to a collection', 'PUT', '/configmaps', '405 MethodNotAllowed'],
  ['PATCH of a collection', 'PATCH', '/configmaps', '405 MethodNotAllowed'],
  ['POST to all namespaces', 'POST', '/../../configmaps', '405 MethodNotAllowed'],
  ['PUT of an object that is not there', 'PUT', '/configmaps/a', '404 NotFound'],
];

for (const [title, method, path, expected] of paths) {
  conformance(`${title}: ${expected}`, async (t, api) => {
    const body = method === 'GET' ? undefined : configMap('a');
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const url = `${await api.namespace()}${path}`;
    const reply = await api.send(method, url, body, { 'content-type': type });
    t.is(outcome(reply), expected);
    t.is(reply.body.kind, 'Status');
  });
}

conformance('404 tells what is missing: object, namespace, group', async (t, api) => {
  const namespace = await api.namespace();
  t.deepEqual(refusal(await api.get(`${namespace}/configmaps/none`)), {
    code: 404,
    reason: 'NotFound',
    message: 'configmaps "none" not found',
  });
  const elsewhere = await api.post('/api/v1/namespaces/none/configmaps', configMap('a'));
  t.is(elsewhere.body.message, 'namespaces "none" not found');
  t.deepEqual(elsewhere.body.details, { name: 'none', kind: 'namespaces' });
  const { code, text } = await api.get('/apis/none.example.com/v1/things');
  t.is(`${code} ${text}`, '404 404 page not found\n');
});

conformance('bodies and answers are of types that the server knows', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const csv = 'text/csv';
  const sent = await api.send('POST', configMaps, 'a', { 'content-type': csv });
  t.is(outcome(sent), '415 UnsupportedMediaType');
  t.is(outcome(await api.get(configMaps, { accept: csv })), '406 NotAcceptable');
  const yaml = 'metadata: {name: a}\ndata: {k: v}\n';
  await api.must(api.send('POST', configMaps, yaml, { 'content-type': 'application/yaml' }));
  t.like((await api.get(`${configMaps}/a`)).body, { data: { k: 'v' } });
});

conformance('unknown fields are dropped, or refused on request', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const unknown = { ...configMap('a'), nonsense: 1 };
  const warned = await api.must(api.post(configMaps, unknown));
  t.false('nonsense' in warned.body);
  const strict = await api.post(`${configMaps}?fieldValidation=Strict`, {
    ...unknown,
    metadata: { name: 'b' },
  });
  // Until 1.24 nobody was asked, and nobody told.
  const isValidated = api.minor >= 25;
  t.is(outcome(strict), isValidated ? '400 BadRequest' : '201');
  t.is(warned.headers.get('warning'), isValidated ? '299 - "unknown field \\"nonsense\\""' : null);
});
