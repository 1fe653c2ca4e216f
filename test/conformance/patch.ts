/** The three kinds of patches, on built-in and on custom kinds. */
import { configMap, pod, type Reply } from '#local/apiserver/testing.ts';
import { conformance, outcome, uniqueName, type Api } from './suite.ts';

type PatchType = 'merge-patch' | 'json-patch' | 'strategic-merge-patch';

async function patchRaw(api: Api, path: string, type: string, text: string): Promise<Reply> {
  return api.send('PATCH', path, text, { 'content-type': `application/${type}+json` });
}

async function newConfigMap(api: Api): Promise<string> {
  const configMaps = `${await api.namespace()}/configmaps`;
  await api.must(api.post(configMaps, configMap('a', { k: 'v', l: 'w' })));
  return `${configMaps}/a`;
}

conformance('a merge patch sets, keeps and removes', async (t, api) => {
  const path = await newConfigMap(api);
  const patch = { data: { k: '1', l: null }, metadata: { labels: { a: 'b' } } };
  const { code, body } = await api.patch(path, patch);
  t.is(code, 200);
  t.deepEqual(body['data'], { k: '1' });
  t.deepEqual(body.metadata.labels, { a: 'b' });
  const again = await api.patch(path, patch);
  t.is(again.body.metadata.resourceVersion, body.metadata.resourceVersion, 'nothing has changed');
});

conformance('a JSON patch does its operations, all or none', async (t, api) => {
  const path = await newConfigMap(api);
  const operations = [
    { op: 'test', path: '/data/k', value: 'v' },
    { op: 'replace', path: '/data/k', value: '1' },
    { op: 'remove', path: '/data/l' },
    { op: 'add', path: '/metadata/labels', value: { 'a/b': 'c' } },
    { op: 'copy', from: '/data/k', path: '/data/m' },
    { op: 'move', from: '/data/m', path: '/data/n' },
    { op: 'replace', path: '/metadata/labels/a~1b', value: 'd' },
  ];
  const { code, body } = await api.patch(path, operations, 'json-patch');
  t.is(code, 200);
  t.deepEqual(body['data'], { k: '1', n: '1' });
  t.deepEqual(body.metadata.labels, { 'a/b': 'd' });
  const failing = [
    { op: 'replace', path: '/data/k', value: '2' },
    { op: 'test', path: '/data/n', value: 'other' },
  ];
  const refused = await api.patch(path, failing, 'json-patch');
  t.is(outcome(refused), '422 Invalid');
  t.is(refused.body.message, 'the server rejected our request due to an error in our request');
  t.deepEqual((await api.get(path)).body, body);
});

conformance('a strategic merge patch merges lists by their keys', async (t, api) => {
  const pods = `${await api.namespace()}/pods`;
  const spec = {
    automountServiceAccountToken: false,
    containers: [
      { name: 'a', image: 'one:1', env: [{ name: 'X', value: '1' }] },
      { name: 'b', image: 'two:1' },
    ],
  };
  const finalizers = ['example.com/one'];
  await api.must(api.post(pods, pod('p', spec, { finalizers })));
  const patch = {
    metadata: { finalizers: ['example.com/two'] },
    spec: {
      containers: [{ name: 'b', image: 'two:2' }],
    },
  };
  const { code, body } = await api.patch(`${pods}/p`, patch, 'strategic-merge-patch');
  t.is(code, 200);
  t.like(body.spec, {
    containers: [
      { name: 'a', image: 'one:1' },
      { name: 'b', image: 'two:2' },
    ],
  });
  t.deepEqual(body.metadata.finalizers?.toSorted(), ['example.com/one', 'example.com/two']);
  const removal = {
    metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/one', 'example.com/two'] },
  };
  const removed = await api.patch(`${pods}/p`, removal, 'strategic-merge-patch');
  t.is(removed.body.metadata.finalizers, undefined);
});

/** Addresses of a Node by their types: before, in the patch, in the order of the client, after. */
const orders: [before: string, patch: string, order: string | undefined, after: string][] = [
  ['ab', 'c', undefined, 'cab'],
  ['ab', 'cb', undefined, 'cab'],
  ['ab', 'ba', undefined, 'ba'],
  ['abc', 'b', undefined, 'abc'],
  ['abc', 'xcy', undefined, 'xabcy'],
  ['abc', 'x', 'cax', 'bcax'],
  ['abc', 'x', 'xcba', 'xcba'],
  ['abcd', '', 'ca', 'bcad'],
  ['abcd', '', 'db', 'acdb'],
  ['abcd', '', 'bd', 'abcd'],
];

const addresses = (types: string): object[] =>
  Array.from(types, (type) => ({ type, address: `address-${type}` }));

conformance('a strategic merge patch keeps lists in order', async (t, api) => {
  const name = uniqueName('node');
  await api.must(api.post('/api/v1/nodes', { metadata: { name } }));
  api.cleanUp(() => api.delete(`/api/v1/nodes/${name}`));
  const path = `/api/v1/nodes/${name}/status`;
  for (const [before, patch, order, after] of orders) {
    await api.must(api.patch(path, { status: { addresses: addresses(before) } }));
    const status = {
      ...(patch !== '' && { addresses: addresses(patch) }),
      ...(order !== undefined && {
        '$setElementOrder/addresses': Array.from(order, (type) => ({ type })),
      }),
    };
    const { body } = await api.must(api.patch(path, { status }, 'strategic-merge-patch'));
    t.deepEqual(body.status?.['addresses'], addresses(after), JSON.stringify(status));
  }
});

conformance('a merge patch replaces lists as a whole, also of Pods', async (t, api) => {
  const pods = `${await api.namespace()}/pods`;
  await api.must(api.post(pods, pod('p', { automountServiceAccountToken: false })));
  const containers = [{ name: 'other', image: 'nginx:1' }];
  const reply = await api.patch(`${pods}/p`, { spec: { containers } });
  t.is(outcome(reply), '422 Invalid'); // another container is not another image
});

conformance('directives of a strategic merge patch replace and delete', async (t, api) => {
  const path = await newConfigMap(api);
  const type = 'strategic-merge-patch';
  const replaced = await api.patch(path, { data: { $patch: 'replace', z: '1' } }, type);
  t.deepEqual(replaced.body['data'], { z: '1' });
  const deleted = await api.patch(path, { data: { $patch: 'delete' } }, type);
  t.is(deleted.code, 200);
  t.is(deleted.body['data'], undefined);
  t.is(outcome(await api.patch(path, { $patch: 'nonsense' }, type)), '500');
});

/** Since 1.25 a merge patch is read strictly, before it is applied. */
const isStrict = ({ minor }: Api): boolean => minor >= 25;

type Expected = string | ((api: Api) => string);

const refusals: [title: string, type: PatchType, text: string, outcome: Expected][] = [
  ['JSON that ends early', 'strategic-merge-patch', '{', '400 BadRequest'],
  ['JSON that ends early', 'json-patch', '[{', '400 BadRequest'],
  [
    'JSON that ends early',
    'merge-patch',
    '{"a":',
    (api) => (isStrict(api) ? '400 BadRequest' : '500'),
  ],
  ['nothing', 'merge-patch', '', (api) => (isStrict(api) ? '400 BadRequest' : '500')],
  ['text', 'merge-patch', '"a"', (api) => (isStrict(api) ? '400 BadRequest' : '500')],
  ['a list', 'merge-patch', '[1]', (api) => (isStrict(api) ? '400 BadRequest' : '422 Invalid')],
  ['a list', 'strategic-merge-patch', '[1]', '400 BadRequest'],
  ['an object', 'json-patch', '{}', '400 BadRequest'],
  ['an unknown operation', 'json-patch', '[{"op":"zap","path":"/data"}]', '422 Invalid'],
  ['an operation without path', 'json-patch', '[{"op":"add","value":"1"}]', '422 Invalid'],
  ['a removal of nothing', 'json-patch', '[{"op":"remove","path":"/data/no"}]', '422 Invalid'],
  ['a number for text', 'merge-patch', '{"data":{"k":1}}', '422 Invalid'],
  ['a number for text', 'strategic-merge-patch', '{"data":{"k":1}}', '422 Invalid'],
  ['a number for text', 'json-patch', '[{"op":"add","path":"/data/k","value":1}]', '422 Invalid'],
  ['a number for a map', 'strategic-merge-patch', '{"data":5}', '422 Invalid'],
  ['a list for a map', 'strategic-merge-patch', '{"metadata":{"labels":[1]}}', '422 Invalid'],
  ['another kind', 'merge-patch', '{"kind":"Pod"}', '422 Invalid'],
  ['another group', 'merge-patch', '{"apiVersion":"apps/v1"}', '422 Invalid'],
  ['another name', 'merge-patch', '{"metadata":{"name":"b"}}', '400 BadRequest'],
  ['another namespace', 'merge-patch', '{"metadata":{"namespace":"b"}}', '400 BadRequest'],
  ['no metadata', 'merge-patch', '{"metadata":null}', '400 BadRequest'],
  ['another uid', 'merge-patch', '{"metadata":{"uid":"b"}}', '422 Invalid'],
  ['a stale version', 'merge-patch', '{"metadata":{"resourceVersion":"1"}}', '409 Conflict'],
  ['a version that is none', 'merge-patch', '{"metadata":{"resourceVersion":"b"}}', '500'],
];

for (const [title, type, text, expected] of refusals) {
  conformance(`a ${type} of ${title} is refused: ${text}`, async (t, api) => {
    const path = await newConfigMap(api);
    const before = await api.get(path);
    const reply = await patchRaw(api, path, type, text);
    t.is(outcome(reply), typeof expected === 'string' ? expected : expected(api));
    t.is(reply.body.kind, 'Status');
    t.deepEqual((await api.get(path)).body, before.body);
  });
}

conformance(
  'what a patch makes of an object must still be one: the cause is the patch',
  async (t, api) => {
    const path = await newConfigMap(api);
    for (const type of ['merge-patch', 'strategic-merge-patch'] as const) {
      const { body } = await api.patch(path, { data: { k: 1 } }, type);
      t.regex(body.message ?? '', /^ "" is invalid: patch: Invalid value: /);
      t.is(body.details?.causes?.length, 1);
      t.like(body.details?.causes?.[0], { reason: 'FieldValueInvalid', field: 'patch' });
    }
  },
);

conformance('a patch of what is not there is 404, of no known type 415', async (t, api) => {
  const path = await newConfigMap(api);
  t.is(outcome(await api.patch(`${path}bc`, {})), '404 NotFound');
  const reply = await api.send('PATCH', path, {}, { 'content-type': 'application/json' });
  t.is(outcome(reply), '415 UnsupportedMediaType');
});

conformance('fields that the kind does not have are dropped from a patch', async (t, api) => {
  const { code, body } = await api.patch(await newConfigMap(api), { nonsense: 1 });
  t.is(code, 200);
  t.false('nonsense' in body);
});
