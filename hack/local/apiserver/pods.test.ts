/** Stories of Pods and Nodes: admission, immutable parts, binding, eviction. */
import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { view } from './object.ts';
import type { Api } from './testing.ts';
import { nodesPath, pod, podsPath, startApi } from './testing.ts';

test('a Pod is completed as users expect', async (t) => {
  const api = await startApi(t);
  const { body } = await api.post(podsPath, pod('a', {}, { status: { phase: 'Running' } }));
  t.like(body.spec, {
    restartPolicy: 'Always',
    dnsPolicy: 'ClusterFirst',
    schedulerName: 'default-scheduler',
    serviceAccountName: 'default',
    serviceAccount: 'default',
    terminationGracePeriodSeconds: 30,
    enableServiceLinks: true,
    priority: 0,
    preemptionPolicy: 'PreemptLowerPriority',
    containers: [
      {
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
        resources: {},
      },
    ],
    tolerations: [
      {
        key: 'node.kubernetes.io/not-ready',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ],
  });
  t.deepEqual(body.status, { phase: 'Pending', qosClass: 'BestEffort' });
});

test('what a Pod says itself is kept', async (t) => {
  const api = await startApi(t);
  const own = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', tolerationSeconds: 5 };
  const limits = { cpu: '1', memory: '1Gi' };
  const { body } = await api.post(
    podsPath,
    pod('a', {
      restartPolicy: 'Never',
      tolerations: [own],
      priorityClassName: 'system-node-critical',
      containers: [{ name: 'main', image: 'nginx', resources: { limits } }],
    }),
  );
  t.like(body.spec, {
    restartPolicy: 'Never',
    priority: 2_000_001_000,
    containers: [{ imagePullPolicy: 'Always', resources: { requests: limits } }],
    tolerations: [own, { key: 'node.kubernetes.io/unreachable' }],
  });
  t.is(body.status?.['qosClass'], 'Guaranteed');
  const unknown = await api.post(podsPath, pod('b', { priorityClassName: 'none' }));
  t.is(unknown.code, 403);
  t.is(unknown.body.message, 'pods "b" is forbidden: no PriorityClass with name none was found');
});

const badPods: [string, object, string][] = [
  ['no containers', { containers: [] }, 'spec.containers: Required value'],
  ['no image', { containers: [{ name: 'a' }] }, 'spec.containers[0].image: Required value'],
  [
    'two containers of one name',
    {
      containers: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'x' },
      ],
    },
    'spec.containers[1].name: Duplicate value: "a"',
  ],
  [
    'a mount of no volume',
    { containers: [{ name: 'a', image: 'x', volumeMounts: [{ name: 'v', mountPath: '/v' }] }] },
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    'an unknown restart policy',
    { restartPolicy: 'Maybe' },
    'spec.restartPolicy: Unsupported value: "Maybe": supported values: "Always", "Never", "OnFailure"',
  ],
];

for (const [what, spec, message] of badPods) {
  test(`refuses a Pod with ${what}`, async (t) => {
    const api = await startApi(t);
    const reply = await api.post(podsPath, pod('a', spec));
    t.is(reply.code, 422);
    t.is(reply.body.message, `Pod "a" is invalid: ${message}`);
  });
}

test('the spec of a Pod is fixed but for its image and more tolerations', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a'));
  const { tolerations } = view<{ tolerations: object[] }>(
    (await api.get(`${podsPath}/a`)).body.spec,
  );
  const allowed = await api.patch(`${podsPath}/a`, {
    spec: { tolerations: [...tolerations, { key: 'x', operator: 'Exists' }] },
  });
  t.is(allowed.code, 200);
  const moved = await api.patch(`${podsPath}/a`, { spec: { nodeName: 'n' } });
  t.is(moved.code, 422);
  t.regex(
    moved.body.message ?? '',
    /^Pod "a" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers/,
  );
  t.is((await api.patch(`${podsPath}/a`, { spec: { tolerations: [] } })).code, 422);
});

const binding = (node: string, metadata = {}): object => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata,
  target: { apiVersion: 'v1', kind: 'Node', name: node },
});

test('a Pod is bound to one node, once', async (t) => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1));
  const api = await startApi(t, { clock });
  await api.post(podsPath, pod('a'));
  const bound = await api.post(`${podsPath}/a/binding`, binding('n1', { annotations: { x: 'y' } }));
  t.is(bound.code, 201);
  t.like(bound.body, { kind: 'Status', status: 'Success' });
  const { body } = await api.get(`${podsPath}/a`);
  t.is(body.spec?.['nodeName'], 'n1');
  t.deepEqual(body.metadata.annotations, { x: 'y' });
  t.like(body.status, {
    conditions: [
      { type: 'PodScheduled', status: 'True', lastTransitionTime: '2030-01-01T00:00:00Z' },
    ],
  });
  const again = await api.post(`${podsPath}/a/binding`, binding('n2'));
  t.is(again.code, 409);
  t.is(
    again.body.message,
    'Operation cannot be fulfilled on pods/binding "a": pod a is already assigned to node "n1"',
  );
});

test('a Pod is not bound to nowhere, nor when it is going or was replaced', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a', {}, { finalizers: ['x.io/a'] }));
  t.is((await api.post(`${podsPath}/a/binding`, binding(''))).code, 422);
  t.is((await api.post(`${podsPath}/a/binding`, binding('n', { uid: 'other' }))).code, 409);
  await api.delete(`${podsPath}/a`);
  const late = await api.post(`${podsPath}/a/binding`, binding('n'));
  t.is(late.code, 409);
  t.regex(late.body.message ?? '', /pod a is being deleted, cannot be assigned to a host/);
  t.is((await api.post(`${podsPath}/none/binding`, binding('n'))).code, 404);
});

test('nothing may land on a node that has just registered', async (t) => {
  const api = await startApi(t);
  const own = { key: 'x', effect: 'NoExecute' };
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: { taints: [own] } };
  const { body } = await api.post(nodesPath, node);
  t.deepEqual(body.spec?.['taints'], [
    own,
    { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' },
  ]);
  t.is(
    (await api.patch(`${nodesPath}/a`, { spec: { taints: null } })).body.spec?.['taints'],
    undefined,
  );
});

test('a node keeps the provider ID that it was given', async (t) => {
  const api = await startApi(t);
  await api.post(nodesPath, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } });
  const given = await api.patch(`${nodesPath}/a`, { spec: { providerID: 'kubemark://a' } });
  t.is(given.code, 200);
  const changed = await api.patch(`${nodesPath}/a`, { spec: { providerID: 'kubemark://b' } });
  t.is(changed.code, 422);
  t.is(
    changed.body.message,
    'Node "a" is invalid: spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
  );
  const taint = { key: 'x', effect: 'Sometimes' };
  const wrong = await api.patch(`${nodesPath}/a`, { spec: { taints: [taint, taint] } });
  t.regex(wrong.body.message ?? '', /Unsupported value: "Sometimes".*Duplicate value/);
});

const budgetsPath = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';

/** A Pod that is ready, and a budget over it with the given status. */
async function guardedPod(api: Api, status: object, spec: object = {}): Promise<void> {
  await api.post(podsPath, pod('a', { nodeName: 'n' }, { labels: { app: 'x' } }));
  await api.patch(`${podsPath}/a/status`, {
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const selector = { matchLabels: { app: 'x' } };
  await api.post(budgetsPath, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b' },
    spec: { minAvailable: 1, selector, ...spec },
  });
  await api.patch(`${budgetsPath}/b/status`, { status });
}

const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'a' } };

test('an eviction takes one disruption from the budget', async (t) => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1));
  const api = await startApi(t, { clock });
  await guardedPod(api, { observedGeneration: 1, disruptionsAllowed: 1 });
  const dry = await api.post(`${podsPath}/a/eviction?dryRun=All`, eviction);
  t.is(dry.code, 201);
  const deleteOptions = { dryRun: ['All'] };
  t.is((await api.post(`${podsPath}/a/eviction`, { ...eviction, deleteOptions })).code, 201);
  t.is((await api.get(`${podsPath}/a`)).body.metadata.deletionTimestamp, undefined);
  t.like((await api.get(`${budgetsPath}/b`)).body.status, { disruptionsAllowed: 1 });
  const reply = await api.post(`${podsPath}/a/eviction`, {
    ...eviction,
    deleteOptions: { gracePeriodSeconds: 7 },
  });
  t.is(reply.code, 201);
  t.is((await api.get(`${podsPath}/a`)).body.metadata.deletionGracePeriodSeconds, 7);
  t.like((await api.get(`${budgetsPath}/b`)).body.status, {
    disruptionsAllowed: 0,
    disruptedPods: { a: '2030-01-01T00:00:00Z' },
    conditions: [{ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods' }],
  });
});

test('an eviction that would violate the budget is refused, for now', async (t) => {
  const api = await startApi(t);
  await guardedPod(api, {
    observedGeneration: 1,
    disruptionsAllowed: 0,
    desiredHealthy: 1,
    currentHealthy: 1,
  });
  const reply = await api.post(`${podsPath}/a/eviction`, eviction);
  t.is(reply.code, 429);
  t.like(reply.body, {
    reason: 'TooManyRequests',
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
    details: {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: 'The disruption budget b needs 1 healthy pods and has 1 currently',
        },
      ],
    },
  });
  t.is((await api.get(`${podsPath}/a`)).body.metadata.deletionTimestamp, undefined);
});

test('a budget that nobody has looked at yet asks for patience', async (t) => {
  const api = await startApi(t);
  await guardedPod(api, { observedGeneration: 0, disruptionsAllowed: 5 });
  const reply = await api.post(`${podsPath}/a/eviction`, eviction);
  t.is(reply.code, 429);
  t.is(reply.headers.get('retry-after'), '10');
});

test('Pods that are not ready go while the budget is healthy, or always if it says so', async (t) => {
  const api = await startApi(t);
  const unhealthy = { desiredHealthy: 2, currentHealthy: 1 };
  const status = { observedGeneration: 1, disruptionsAllowed: 0, ...unhealthy };
  await guardedPod(api, status);
  await api.patch(`${podsPath}/a/status`, {
    status: { conditions: [{ type: 'Ready', status: 'False' }] },
  });
  t.is((await api.post(`${podsPath}/a/eviction`, eviction)).code, 429);
  await api.patch(`${budgetsPath}/b/status`, { status: { currentHealthy: 2 } });
  t.is((await api.post(`${podsPath}/a/eviction?dryRun=All`, eviction)).code, 201);
  await api.patch(`${budgetsPath}/b/status`, {
    status: { currentHealthy: 1, observedGeneration: 2 },
  });
  await api.patch(`${budgetsPath}/b`, { spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } });
  t.is((await api.post(`${podsPath}/a/eviction`, eviction)).code, 201);
});

test('two budgets over one Pod are more than an eviction can serve', async (t) => {
  const api = await startApi(t);
  await guardedPod(api, { observedGeneration: 1, disruptionsAllowed: 1 });
  const { body } = await api.get(`${budgetsPath}/b`);
  const second = { ...body, metadata: { name: 'c' } };
  await api.post(budgetsPath, second);
  const reply = await api.post(`${podsPath}/a/eviction`, eviction);
  t.is(reply.code, 500);
  t.regex(reply.body.message ?? '', /This pod has more than one PodDisruptionBudget/);
});
