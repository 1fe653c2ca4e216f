/** Stories of collections: order, selectors, pages, forms. */
import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { view } from './object.ts';
import type { Api, Reply } from './testing.ts';
import { configMap, configMapsPath, pod, podsPath, startApi } from './testing.ts';

const namesOf = ({ body }: Reply): (string | undefined)[] =>
  body.items.map(({ metadata }) => metadata.name);

async function createMaps(api: Api, ...names: string[]): Promise<void> {
  for (const name of names) await api.post(configMapsPath, configMap(name));
}

test('lists are ordered by namespace and name', async (t) => {
  const api = await startApi(t);
  await createMaps(api, 'b', 'c', 'a');
  await api.post('/api/v1/namespaces/kube-system/configmaps', configMap('aa'));
  const one = await api.get(configMapsPath);
  t.like(one.body, { kind: 'ConfigMapList', apiVersion: 'v1' });
  t.deepEqual(namesOf(one), ['a', 'b', 'c']);
  t.deepEqual(namesOf(await api.get('/api/v1/configmaps')), ['a', 'b', 'c', 'aa']);
});

test('selectors choose by labels and fields', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a', { nodeName: 'n' }, { labels: { app: 'x', tier: 'web' } }));
  await api.post(podsPath, pod('b', {}, { labels: { app: 'y' } }));
  const list = async (query: string): Promise<unknown> =>
    namesOf(await api.get(`${podsPath}?${query}`));
  t.deepEqual(await list(`labelSelector=${encodeURIComponent('app in (x,z),tier')}`), ['a']);
  t.deepEqual(await list('labelSelector=%21tier'), ['b']);
  t.deepEqual(await list('fieldSelector=spec.nodeName%3Dn'), ['a']);
  t.deepEqual(await list('fieldSelector=spec.nodeName%21%3Dn,status.phase%3DPending'), ['b']);
  t.deepEqual(await list('fieldSelector=metadata.name%3Db&labelSelector=app%3Dx'), []);
  const unknown = await api.get(`${podsPath}?fieldSelector=spec.foo%3Dx`);
  t.is(unknown.code, 400);
  t.is(unknown.body.message, 'field label not supported: spec.foo');
  t.is((await api.get(`${podsPath}?labelSelector=a%3D%3D%3Db`)).code, 400);
});

test('pages show the collection as it was when the first was read', async (t) => {
  const api = await startApi(t);
  await createMaps(api, 'a', 'b', 'c', 'd', 'e');
  const first = await api.get(`${configMapsPath}?limit=2`);
  t.deepEqual(namesOf(first), ['a', 'b']);
  const { metadata } = first.body;
  t.is(metadata.remainingItemCount, 3);

  await createMaps(api, 'cc');
  await api.delete(`${configMapsPath}/d`);
  await api.patch(`${configMapsPath}/e`, { data: { x: 'new' } });
  const second = await api.get(`${configMapsPath}?limit=2&continue=${metadata.continue ?? ''}`);
  t.deepEqual(namesOf(second), ['c', 'd']);
  t.is(second.body.metadata.resourceVersion, first.body.metadata.resourceVersion);
  const next = second.body.metadata.continue ?? '';
  const third = await api.get(`${configMapsPath}?limit=2&continue=${next}`);
  t.deepEqual(namesOf(third), ['e']);
  t.deepEqual(third.body.items[0]?.['data'], undefined);
  t.is(third.body.metadata.continue, undefined);
});

test('a page too old to be consistent says so, and offers to go on without', async (t) => {
  const api = await startApi(t);
  await createMaps(api, 'a', 'b', 'c');
  const first = await api.get(`${configMapsPath}?limit=1`);
  const token = first.body.metadata.continue ?? '';
  await api.delete(`${configMapsPath}/b`);
  api.server.compact();
  const expired = await api.get(`${configMapsPath}?limit=1&continue=${token}`);
  t.is(expired.code, 410);
  t.is(expired.body.reason, 'Expired');
  const rest = expired.body.metadata.continue ?? '';
  t.deepEqual(namesOf(await api.get(`${configMapsPath}?limit=1&continue=${rest}`)), ['c']);
  const garbage = await api.get(`${configMapsPath}?continue=garbage`);
  t.is(garbage.code, 400);
});

test('resourceVersion asks for the past only with Exact', async (t) => {
  const api = await startApi(t);
  await createMaps(api, 'a');
  const { resourceVersion: past = '' } = (await api.get(configMapsPath)).body.metadata;
  await createMaps(api, 'b');
  const at = (query: string): Promise<Reply> => api.get(`${configMapsPath}?${query}`);
  t.deepEqual(namesOf(await at(`resourceVersion=${past}`)), ['a', 'b']);
  t.deepEqual(namesOf(await at(`resourceVersion=${past}&resourceVersionMatch=Exact`)), ['a']);
  t.deepEqual(namesOf(await at('resourceVersion=0')), ['a', 'b']);
  const future = await at('resourceVersion=999999');
  t.is(future.code, 504);
  t.is(future.body.message?.startsWith('Timeout: Too large resource version: 999999'), true);
  t.is((await at('resourceVersion=x')).code, 500);
});

const tableType = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

test('tables have the columns that kubectl prints', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  await api.post(podsPath, pod('a', { nodeName: 'n1' }));
  await api.patch(`${podsPath}/a/status`, {
    status: {
      phase: 'Running',
      podIP: '10.0.0.1',
      containerStatuses: [
        {
          name: 'main',
          ready: true,
          restartCount: 2,
          image: 'nginx:1',
          imageID: '',
          state: { running: { startedAt: '2030-01-01T00:00:00Z' } },
        },
      ],
    },
  });
  await clock.advance(125_000);
  const table = await api.get(podsPath, { accept: tableType });
  t.is(table.body.kind, 'Table');
  const { columnDefinitions, rows } = view<{
    columnDefinitions: { name: string; priority: number }[];
    rows: { cells: unknown[]; object: { kind: string; metadata: { name: string } } }[];
  }>(table.body);
  t.deepEqual(
    columnDefinitions.filter(({ priority }) => priority === 0).map(({ name }) => name),
    ['Name', 'Ready', 'Status', 'Restarts', 'Age'],
  );
  t.deepEqual(rows[0]?.cells, [
    'a',
    '1/1',
    'Running',
    '2',
    '2m5s',
    '10.0.0.1',
    'n1',
    '<none>',
    '<none>',
  ]);
  t.like(rows[0]?.object, { kind: 'PartialObjectMetadata', metadata: { name: 'a' } });

  const whole = await api.get(`${podsPath}?includeObject=Object`, { accept: tableType });
  t.like(whole.body, { rows: [{ object: { kind: 'Pod' } }] });
  const watch = await api.watch(`${podsPath}?watch=true`, { accept: tableType });
  t.like(await watch.next(), { type: 'ADDED', object: { kind: 'Table' } });
});

test('metadata alone can be asked for', async (t) => {
  const api = await startApi(t);
  await createMaps(api, 'a');
  const one = await api.get(`${configMapsPath}/a`, {
    accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  });
  t.like(one.body, { kind: 'PartialObjectMetadata', metadata: { name: 'a' } });
  t.is(one.body['data'], undefined);
  const list = await api.get(configMapsPath, {
    accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
  });
  t.like(list.body, { kind: 'PartialObjectMetadataList', items: [{ metadata: { name: 'a' } }] });
});

test('only JSON is written', async (t) => {
  const api = await startApi(t);
  const protobuf = 'application/vnd.kubernetes.protobuf';
  t.is((await api.get(configMapsPath, { accept: protobuf })).code, 406);
  const either = await api.get(configMapsPath, { accept: `${protobuf}, */*` });
  t.is(either.code, 200);
  t.is(either.headers.get('content-type'), 'application/json');
});
