import test from 'ava';
import type { KubemarkCluster } from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { isExternallyManaged, summarize } from './status.ts';

const now = '2030-01-01T00:00:00Z';
const endpoint = { host: '192.0.2.1', port: 6443 };

function kubemarkCluster(overrides: Partial<KubemarkCluster> = {}): KubemarkCluster {
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha4',
    kind: 'KubemarkCluster',
    metadata: { name: 'a', generation: 3 },
    ...overrides,
  };
}

const cluster = (spec: object) => ({
  apiVersion: 'cluster.x-k8s.io/v1beta2',
  kind: 'Cluster',
  metadata: { name: 'a' },
  spec,
});

test('it waits for the address of the API server', (t) => {
  const status = summarize(kubemarkCluster(), cluster({}), now);
  t.like(status, { ready: false, initialization: { provisioned: false } });
  t.like(status.conditions?.at(-1), {
    type: 'Ready',
    status: 'False',
    reason: 'WaitingForControlPlaneEndpoint',
    observedGeneration: 3,
  });
});

test('both contracts are told once either object names the API server', (t) => {
  const told = { ready: true, initialization: { provisioned: true } };
  t.like(summarize(kubemarkCluster(), cluster({ controlPlaneEndpoint: endpoint }), now), told);
  const own = kubemarkCluster({ spec: { controlPlaneEndpoint: endpoint } });
  t.like(summarize(own, cluster({}), now), told);
});

test('provisioned never turns back', (t) => {
  const status = { initialization: { provisioned: true } };
  t.like(summarize(kubemarkCluster({ status }), cluster({}), now), status);
});

test('nothing but the Paused condition changes while the Cluster is paused', (t) => {
  const paused = cluster({ paused: true, controlPlaneEndpoint: endpoint });
  const status = summarize(kubemarkCluster(), paused, now);
  t.deepEqual(Object.keys(status), ['conditions']);
  t.like(status.conditions, [{ type: 'Paused', status: 'True' }]);
});

test('an object that somebody else manages is told by label or annotation', (t) => {
  const mark = { 'cluster.x-k8s.io/managed-by': 'terraform' };
  t.false(isExternallyManaged(kubemarkCluster()));
  t.true(isExternallyManaged(kubemarkCluster({ metadata: { name: 'a', annotations: mark } })));
  t.true(isExternallyManaged(kubemarkCluster({ metadata: { name: 'a', labels: mark } })));
});
