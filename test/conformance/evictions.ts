/** Evictions and the budgets that may refuse them. */
import { pod } from '#local/apiserver/testing.ts';
import { conformance, outcome, refusal, type Api } from './suite.ts';

const ready = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
const app = { app: 'x' };

interface Pods {
  /** Of the collection. */
  path: string;
  evict: (name: string, options?: object) => ReturnType<Api['post']>;
}

async function podsWith(api: Api, ...statuses: object[]): Promise<Pods> {
  const path = `${await api.namespace()}/pods`;
  for (const [index, status] of statuses.entries()) {
    const spec = { automountServiceAccountToken: false };
    await api.must(api.post(path, pod(`p${index}`, spec, { labels: app })));
    await api.must(api.patch(`${path}/p${index}/status`, { status }));
  }
  return {
    path,
    evict: (name, options = {}) =>
      api.post(`${path}/${name}/eviction`, {
        apiVersion: `policy/${versionOf(api)}`,
        kind: 'Eviction',
        metadata: { name },
        ...options,
      }),
  };
}

/** policy/v1 came with 1.21. */
const versionOf = ({ minor }: Api): string => (minor >= 21 ? 'v1' : 'v1beta1');

/** A budget that the disruption controller has seen. */
async function budget(api: Api, path: string, name: string, minAvailable: number): Promise<void> {
  const namespace = path.slice('/api/v1'.length, -'/pods'.length);
  const budgets = `/apis/policy/${versionOf(api)}${namespace}/poddisruptionbudgets`;
  const spec = { minAvailable, selector: { matchLabels: app } };
  await api.must(api.post(budgets, { metadata: { name }, spec }));
  await api.eventually('the budget counts its Pods', async () => {
    const { status } = (await api.get(`${budgets}/${name}`)).body;
    return status?.['observedGeneration'] === 1 && status['expectedPods'] !== 0;
  });
}

conformance('an eviction is a deletion', async (t, api) => {
  const { path, evict } = await podsWith(api, ready);
  const reply = await evict('p0');
  t.is(reply.code, 201);
  t.deepEqual(JSON.parse(reply.text), {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    code: 201,
  });
  await api.gone(`${path}/p0`);
  t.is(outcome(await evict('p0')), '404 NotFound');
});

conformance('a budget lets go whom it can spare, and no one more', async (t, api) => {
  const { path, evict } = await podsWith(api, ready, ready);
  await budget(api, path, 'b', 1);
  t.is((await evict('p0')).code, 201);
  await api.gone(`${path}/p0`);
  const reply = await evict('p1');
  t.is(outcome(reply), '429 TooManyRequests');
  t.is(reply.body.message, "Cannot evict pod as it would violate the pod's disruption budget.");
  const [cause] = reply.body.details?.causes ?? [];
  t.is(cause?.reason, 'DisruptionBudget');
  t.regex(
    cause?.message ?? '',
    /^The disruption budget b (needs 1 healthy pods and has \d currently|is still being processed by the server\.)$/,
  );
  t.is((await api.get(`${path}/p1`)).code, 200);
});

conformance('dry run asks a budget, and spends nothing', async (t, api) => {
  const { path, evict } = await podsWith(api, ready, ready);
  await budget(api, path, 'b', 1);
  for (const name of ['p0', 'p1', 'p0']) {
    t.is((await evict(name, { deleteOptions: { dryRun: ['All'] } })).code, 201);
  }
  t.is((await api.get(`${path}/p0`)).code, 200);
  t.is((await evict('p1')).code, 201);
});

conformance('a Pod that does not run yet, or any more, is nobody’s budget', async (t, api) => {
  const { path, evict } = await podsWith(api, ready, { phase: 'Pending' }, { phase: 'Failed' });
  await budget(api, path, 'b', 3);
  t.is(outcome(await evict('p0')), '429 TooManyRequests');
  t.is((await evict('p1')).code, 201);
  t.is((await evict('p2')).code, 201);
});

conformance('two budgets for one Pod are an error', async (t, api) => {
  const { path, evict } = await podsWith(api, ready, ready);
  await budget(api, path, 'a', 1);
  await budget(api, path, 'b', 1);
  t.deepEqual(refusal(await evict('p0')), {
    code: 500,
    reason: undefined,
    message:
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  });
});

conformance('an eviction names its Pod as its URL does', async (t, api) => {
  const { path, evict } = await podsWith(api, ready);
  t.is(outcome(await evict('p0', { metadata: { name: 'other' } })), '400 BadRequest');
  t.is((await api.get(`${path}/p0`)).code, 200);
});

conformance('an eviction without a version is of that of the server', async (t, api) => {
  const { path, evict } = await podsWith(api, ready);
  t.is((await evict('p0', { apiVersion: undefined, kind: undefined })).code, 201);
  await api.gone(`${path}/p0`);
});

conformance(
  'an eviction that is meant for another Pod of that name is a conflict',
  async (t, api) => {
    const { path, evict } = await podsWith(api, ready);
    const reply = await evict('p0', { deleteOptions: { preconditions: { uid: 'another' } } });
    t.is(outcome(reply), '409 Conflict');
    t.is((await api.get(`${path}/p0`)).code, 200);
  },
);

conformance('nothing is evicted from a namespace that ends anyway', async (t, api) => {
  const { path, evict } = await podsWith(api, ready);
  await api.must(api.patch(`${path}/p0`, { metadata: { finalizers: ['example.com/held'] } }));
  await api.must(api.delete(path.slice(0, -'/pods'.length)));
  await api.eventually('an eviction is refused', async () => {
    const reply = await evict('p0');
    return reply.body.details?.causes?.[0]?.reason === 'NamespaceTerminating';
  });
  t.is(outcome(await evict('p0')), '403 Forbidden');
  await api.must(api.patch(`${path}/p0`, { metadata: { finalizers: null } }));
});
