/** What is particular to Pods, Nodes, Events and Leases. */
import { view } from '#local/apiserver/object.ts';
import { pod } from '#local/apiserver/testing.ts';
import { conformance, outcome, uniqueName } from './suite.ts';

conformance('the status of a Pod has its own door', async (t, api) => {
  const pods = `${await api.namespace()}/pods`;
  const spec = { automountServiceAccountToken: false };
  const created = await api.must(
    api.post(pods, { ...pod('p', spec), status: { phase: 'Running' } }),
  );
  t.like(created.body.status, { phase: 'Pending', qosClass: 'BestEffort' });
  await api.must(api.patch(`${pods}/p`, { status: { phase: 'Running' } }));
  t.like((await api.get(`${pods}/p`)).body.status, { phase: 'Pending' });
  const patch = { spec: { activeDeadlineSeconds: 5 }, status: { phase: 'Running' } };
  const { body } = await api.must(api.patch(`${pods}/p/status`, patch));
  t.like(body.status, { phase: 'Running', qosClass: 'BestEffort' });
  t.is(body.spec?.['activeDeadlineSeconds'], undefined);
});

conformance('a Node says what it has, if only that it has nothing', async (t, api) => {
  const name = uniqueName('node');
  const status = { capacity: { cpu: '1000m' } };
  api.cleanUp(() => api.delete(`/api/v1/nodes/${name}`));
  const { body } = await api.must(api.post('/api/v1/nodes', { metadata: { name }, status }));
  t.like(body.status, {
    capacity: { cpu: '1' },
    allocatable: { cpu: '1' },
    nodeInfo: { kubeletVersion: '', machineID: '' },
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
  });
  const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' };
  t.deepEqual(body.spec, { taints: [notReady] });
});

conformance('a Node keeps its provider ID, and no two taints alike', async (t, api) => {
  const name = uniqueName('node');
  const path = `/api/v1/nodes/${name}`;
  api.cleanUp(() => api.delete(path));
  await api.must(api.post('/api/v1/nodes', { metadata: { name }, spec: { providerID: 'x' } }));
  const fieldsAfter = async (spec: object): Promise<unknown> => {
    const reply = await api.patch(path, { spec });
    t.is(outcome(reply), '422 Invalid');
    return reply.body.details?.causes?.map(({ field, message }) => `${field}: ${message}`);
  };
  const causes = await fieldsAfter({ providerID: 'y' });
  const fixed =
    'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid';
  t.true(view<string[]>(causes).includes(fixed), JSON.stringify(causes));
  const taint = { key: 'a', effect: 'NoSchedule' };
  t.regex(
    String(await fieldsAfter({ taints: [taint, taint] })),
    /^metadata\.taints\[1\]: Duplicate/,
  );
  t.regex(
    String(await fieldsAfter({ taints: [{ key: 'a', effect: 'Never' }] })),
    /^metadata\.taints\[0\]\.effect: Unsupported value: "Never": supported values: /,
  );
});

conformance('an Event always says when and by whom', async (t, api) => {
  const path = await api.namespace();
  const namespace = path.split('/').at(-1);
  const event = { metadata: { name: 'e' }, involvedObject: { namespace }, message: 'm' };
  const { body } = await api.must(api.post(`${path}/events`, event));
  const { source, firstTimestamp, lastTimestamp, eventTime } = body;
  t.deepEqual([source, firstTimestamp, lastTimestamp, eventTime], [{}, null, null, null]);
  t.like(body, { reportingComponent: '', reportingInstance: '' });
  const elsewhere = { ...event, involvedObject: { namespace: 'other' } };
  t.is(outcome(await api.post(`${path}/events`, elsewhere)), '422 Invalid');
});

conformance(
  'PUT creates Leases and Events, which are written before they are read',
  async (t, api) => {
    const leases = await api.leases();
    const lease = { metadata: { name: 'l' }, spec: { holderIdentity: 'me' } };
    t.is((await api.put(`${leases}/l`, lease)).code, 201);
    const reply = await api.put(`${leases}/l`, lease);
    t.is(reply.body.details?.causes?.[0]?.field, 'metadata.resourceVersion');
    const wrong = { metadata: { name: 'm' }, spec: { leaseDurationSeconds: 0 } };
    t.is(outcome(await api.post(leases, wrong)), '422 Invalid');
  },
);
