/** What clients learn of the server, and the forms in which it shows objects. */
import { view } from '#local/apiserver/object.ts';
import { pod } from '#local/apiserver/testing.ts';
import { define } from './custom-resources/widgets.ts';
import { conformance, outcome, type Api } from './suite.ts';

interface ResourceList {
  kind: string;
  groupVersion: string;
  resources: { name: string; verbs: string[]; [field: string]: unknown }[];
}

async function resourcesAt(api: Api, path: string): Promise<ResourceList> {
  return view<ResourceList>((await api.must(api.get(path))).body);
}

conformance('the server says that it is well, and which release it is', async (t, api) => {
  for (const path of ['/healthz', '/livez', '/readyz']) t.is((await api.get(path)).text, 'ok');
  const { body } = await api.get('/version');
  t.is(body['major'], '1');
  t.regex(String(body['gitVersion']), /^v1\.\d+\.\d+/);
});

conformance('groups and their versions are listed', async (t, api) => {
  t.like((await api.get('/api')).body, { kind: 'APIVersions', versions: ['v1'] });
  const { body } = await api.get('/apis');
  t.is(body.kind, 'APIGroupList');
  const version = { groupVersion: 'apps/v1', version: 'v1' };
  const apps = { name: 'apps', versions: [version], preferredVersion: version };
  const groups = view<(typeof apps)[]>(body['groups']);
  t.like(
    groups.find(({ name }) => name === 'apps'),
    apps,
  );
  t.like((await api.get('/apis/apps')).body, { kind: 'APIGroup', apiVersion: 'v1', ...apps });
  t.is(outcome(await api.get('/apis/apps/v9')), '404 NotFound');
  t.is((await api.get('/apis/none.example.com')).text, '404 page not found\n');
});

conformance('newer servers describe everything at once', async (t, api) => {
  const list = 'g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { body } = await api.get('/apis', { accept: `application/json;${list},application/json` });
  t.is(body.kind, api.minor >= 30 ? 'APIGroupDiscoveryList' : 'APIGroupList');
});

const everything = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];
const some = ['get', 'patch', 'update'];

const described: [path: string, resource: Record<string, unknown>, verbs: string[]][] = [
  [
    '/api/v1',
    { name: 'pods', kind: 'Pod', namespaced: true, shortNames: ['po'], categories: ['all'] },
    everything,
  ],
  ['/api/v1', { name: 'pods/status', kind: 'Pod', namespaced: true }, some],
  [
    '/api/v1',
    { name: 'pods/eviction', kind: 'Eviction', group: 'policy', namespaced: true },
    ['create'],
  ],
  ['/api/v1', { name: 'nodes', kind: 'Node', namespaced: false, shortNames: ['no'] }, everything],
  ['/api/v1', { name: 'namespaces/finalize', kind: 'Namespace', namespaced: false }, ['update']],
  [
    '/apis/apps/v1',
    { name: 'replicasets/scale', kind: 'Scale', group: 'autoscaling', version: 'v1' },
    some,
  ],
  ['/apis/coordination.k8s.io/v1', { name: 'leases', kind: 'Lease', namespaced: true }, everything],
];

for (const [path, resource, verbs] of described) {
  conformance(`${String(resource['name'])} are described at ${path}`, async (t, api) => {
    const list = await resourcesAt(api, path);
    t.is(list.kind, 'APIResourceList');
    t.is(list.groupVersion, path.replace(/^\/apis?\//, ''));
    const found = list.resources.find(({ name }) => name === resource['name']);
    t.like(found, resource);
    t.deepEqual(found?.verbs.toSorted(), verbs);
  });
}

conformance('custom kinds are described as built-in ones', async (t, api) => {
  const { group } = await define(api, {});
  const { resources } = await resourcesAt(api, `/apis/${group}/v1`);
  const widgets = { name: 'widgets', singularName: 'widget', kind: 'Widget', namespaced: true };
  t.like(
    resources.find(({ name }) => name === 'widgets'),
    widgets,
  );
  const status = resources.find(({ name }) => name === 'widgets/status');
  t.deepEqual(status?.verbs.toSorted(), some);
});

interface Table {
  kind: string;
  columnDefinitions: { name: string; type: string; format: string; priority: number }[];
  rows: { cells: unknown[]; object: { kind: string; metadata: object } | null }[];
}

/** As kubectl asks. */
const asTable = {
  accept:
    'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json',
};

async function tableAt(api: Api, path: string): Promise<Table> {
  return view<Table>((await api.must(api.get(path, asTable))).body);
}

async function onePod(api: Api): Promise<string> {
  const pods = `${await api.namespace()}/pods`;
  const spec = { automountServiceAccountToken: false, nodeName: 'nowhere' };
  await api.must(api.post(pods, pod('p', spec, { labels: { a: 'b' } })));
  return pods;
}

conformance('Pods are rows, in lists and alone', async (t, api) => {
  const pods = await onePod(api);
  for (const path of [pods, `${pods}/p`]) {
    const { kind, columnDefinitions, rows } = await tableAt(api, path);
    t.is(kind, 'Table');
    t.deepEqual(
      columnDefinitions.map(({ name, priority }) => `${name} ${priority}`),
      ['Name 0', 'Ready 0', 'Status 0', 'Restarts 0', 'Age 0', 'IP 1', 'Node 1'].concat([
        'Nominated Node 1',
        'Readiness Gates 1',
      ]),
    );
    t.like(columnDefinitions[0], { type: 'string', format: 'name' });
    const [name, isReady, status, restarts, , ...wide] = rows[0]?.cells ?? [];
    // Since 1.22 restarts are text: `3 (5m ago)`.
    t.deepEqual([name, isReady, status, String(restarts)], ['p', '0/1', 'Pending', '0']);
    t.deepEqual(wide, ['<none>', 'nowhere', '<none>', '<none>']);
    t.like(rows[0]?.object, { kind: 'PartialObjectMetadata', metadata: { labels: { a: 'b' } } });
  }
});

conformance('rows carry as much of their object as was asked for', async (t, api) => {
  const pods = await onePod(api);
  t.is((await tableAt(api, `${pods}?includeObject=None`)).rows[0]?.object, null);
  t.is((await tableAt(api, `${pods}?includeObject=Object`)).rows[0]?.object?.kind, 'Pod');
  t.is(outcome(await api.get(`${pods}?includeObject=Some`, asTable)), '400 BadRequest');
});

const columns: [path: string, names: string][] = [
  [
    '/api/v1/nodes',
    'Name,Status,Roles,Age,Version,Internal-IP,External-IP,OS-Image,Kernel-Version,Container-Runtime',
  ],
  ['/api/v1/namespaces', 'Name,Status,Age'],
  ['/api/v1/configmaps', 'Name,Data,Age'],
  ['/api/v1/events', 'Last Seen,Type,Reason,Object,Subobject,Source,Message,First Seen,Count,Name'],
  ['/apis/apps/v1/replicasets', 'Name,Desired,Current,Ready,Age,Containers,Images,Selector'],
  ['/apis/coordination.k8s.io/v1/leases', 'Name,Holder,Age'],
];

for (const [path, names] of columns) {
  conformance(`the table at ${path} has its columns`, async (t, api) => {
    const { columnDefinitions } = await tableAt(api, path);
    t.is(columnDefinitions.map(({ name }) => name).join(), names);
  });
}

conformance('custom kinds choose their columns', async (t, api) => {
  const additionalPrinterColumns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Color', type: 'string', jsonPath: '.spec.color', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ];
  const schema = { properties: { size: { type: 'integer' }, color: { type: 'string' } } };
  const { path, widget } = await define(api, schema, { additionalPrinterColumns });
  await api.must(api.post(path, widget('a', { size: 5 })));
  const { columnDefinitions, rows } = await tableAt(api, path);
  t.deepEqual(
    columnDefinitions.map(({ name, type, priority }) => `${name} ${type} ${priority}`),
    ['Name string 0', 'Size integer 0', 'Color string 1', 'Age date 0'],
  );
  const [name, size, color, age] = rows[0]?.cells ?? [];
  t.deepEqual([name, size, color], ['a', 5, null]);
  t.regex(String(age), /^\d+s$/);
});

const as = (form: string): Record<string, string> => ({
  accept: `application/json;as=${form};g=meta.k8s.io;v=v1`,
});

conformance('metadata can be had alone', async (t, api) => {
  const pods = await onePod(api);
  const { body } = await api.must(api.get(pods, as('PartialObjectMetadataList')));
  t.is(body.kind, 'PartialObjectMetadataList');
  t.like(body.items[0], { metadata: { name: 'p', labels: { a: 'b' } } });
  t.false('spec' in (body.items[0] ?? {}));
  const single = await api.must(api.get(`${pods}/p`, as('PartialObjectMetadata')));
  t.like(single.body, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' });
  t.is(outcome(await api.get(pods, as('Picture'))), '406 NotAcceptable');
  const fallback = { accept: `${as('Picture')['accept']},application/json` };
  t.is((await api.get(pods, fallback)).body.kind, 'PodList');
});
