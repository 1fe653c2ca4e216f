import test from 'ava';
import { kubemarkMachineFinalizer } from '#api/infrastructure/v1alpha4/labels.ts';
import { certificateSigningRequests, pods, secrets } from '#api/core.ts';
import { isReal } from '#test/helpers/backend.ts';
import { authorityData } from '#test/helpers/certificates.ts';
import { coreClusters, coreMachines, namespace } from '#test/helpers/cluster-api-core.ts';
import {
  machineWithReason,
  readyOf,
  startClusterAPI,
  startProvider,
} from '#test/helpers/cluster-api.ts';

test('a machine becomes a node, and both contracts are told', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker', {}, { machine: { failureDomain: 'zone-a' } });
  const machine = await machineWithReason(all, 'worker', 'Provisioned');
  t.is(machine.spec?.providerID, 'kubemark://worker');
  t.like(machine.status, {
    ready: true,
    initialization: { provisioned: true },
    failureDomain: 'zone-a',
  });
  t.deepEqual(
    machine.status?.addresses?.map(({ type }) => type),
    ['Hostname', 'InternalIP'],
  );
  t.is(readyOf(machine)?.status, 'True');
  t.is(readyOf(machine)?.observedGeneration, machine.metadata.generation);
  const node = await story.eventually('there is a Node', () => story.node('worker'));
  t.is(node.spec?.providerID, 'kubemark://worker');
  t.is(node.metadata.labels?.['topology.kubernetes.io/zone'], 'zone-a');
  t.deepEqual(await core.nodeSecrets(), ['worker-kubemark-config']);
});

test('it says what it waits for: owner, infrastructure, bootstrap data, control plane', async (t) => {
  const all = await startClusterAPI(t);
  const { core } = all;
  await core.patchCluster('test', { status: { initialization: null } }, 'status');
  await core.createOrphan('worker');
  const orphan = await machineWithReason(all, 'worker', 'WaitingForOwner');
  t.is(orphan.metadata.finalizers, undefined);
  await core.adopt('worker', { bootstrap: false });
  const waiting = await machineWithReason(all, 'worker', 'WaitingForClusterInfrastructureReady');
  t.deepEqual(waiting.metadata.finalizers, [kubemarkMachineFinalizer]);
  const provisioned = { status: { initialization: { infrastructureProvisioned: true } } };
  await core.patchCluster('test', provisioned, 'status');
  await machineWithReason(all, 'worker', 'WaitingForBootstrapData');
  t.deepEqual(await core.pods(), []);
  await core.patchMachine('worker', { spec: { bootstrap: { dataSecretName: 'data' } } });
  t.true((await machineWithReason(all, 'worker', 'Provisioned')).status?.ready);
});

test('Ready is False while the Pod is not there, and a lost Pod comes back', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker', { image: 'example.com/unknown' });
  const machine = await machineWithReason(all, 'worker', 'ImagePullFailed');
  t.false(machine.status?.initialization?.provisioned);
  await core.createMachine('other');
  await machineWithReason(all, 'other', 'Provisioned');
  const before = (await core.pods()).find(({ metadata }) => metadata.name === 'other');
  await story.client.delete(pods, { namespace, name: 'other' }, { gracePeriodSeconds: 0 });
  await story.eventually('another Pod runs', async () => {
    await story.clock.advance(400);
    const pod = (await core.pods()).find(({ metadata }) => metadata.name === 'other');
    return pod?.metadata.uid !== before?.metadata.uid && pod?.status?.phase === 'Running';
  });
  t.true(
    (await machineWithReason(all, 'other', 'Provisioned')).status?.initialization?.provisioned,
  );
});

test('a machine that is to fail with its Pod does, for good', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker', { instanceLossPolicy: 'Fail' });
  await machineWithReason(all, 'worker', 'Provisioned');
  await story.client.delete(pods, { namespace, name: 'worker' }, { gracePeriodSeconds: 0 });
  const { status } = await machineWithReason(all, 'worker', 'InstanceLost');
  t.like(status, { failureReason: 'InstanceLost', initialization: { provisioned: true } });
  t.deepEqual(await core.pods(), []);
});

test('deletion takes Pod and Secret along, with Machine, Cluster and API server gone', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker');
  await machineWithReason(all, 'worker', 'Provisioned');
  await story.client.delete(secrets, { namespace, name: 'test-kubeconfig' });
  await story.client.delete(coreClusters, { namespace, name: 'test' });
  await story.client.delete(coreMachines, { namespace, name: 'worker' });
  await core.deleteInfrastructure('worker');
  await story.eventually('the machine is gone', async () => {
    await story.clock.advance(400);
    return (await core.infrastructure('worker')) === undefined;
  });
  t.deepEqual(await core.pods(), []);
  t.deepEqual(await core.nodeSecrets(), []);
  t.not(await story.node('worker'), undefined); // core's to delete
});

test('core before 1.11 is understood: its version, its references, its fields', async (t) => {
  const all = await startClusterAPI(t, { manager: false });
  const { story, core } = all;
  startProvider(story.cluster, { flags: { 'cluster-api-version': 'v1beta1' } });
  const status = { initialization: null, infrastructureReady: true };
  await core.patchCluster('test', { status }, 'status');
  const infrastructureRef = {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha4',
    kind: 'KubemarkMachine',
    name: 'worker',
    namespace,
  };
  await core.createMachine('worker', {}, { machine: { infrastructureRef } });
  const machine = await machineWithReason(all, 'worker', 'Provisioned');
  t.like(machine, { spec: { providerID: 'kubemark://worker' }, status: { ready: true } });
});

test("with the key of the cluster's CA nobody asks the workload cluster to sign", async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker', { credentials: 'ClusterCA' });
  await machineWithReason(all, 'worker', 'WaitingForClusterCA');
  await story.client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'test-ca', namespace },
    data: await authorityData(),
  });
  await machineWithReason(all, 'worker', 'Provisioned');
  t.deepEqual((await story.client.list(certificateSigningRequests)).items, []);
});

/** A real one signs for a year, and its time cannot be moved. */
const withOurSigner = isReal ? test.skip : test;

withOurSigner(
  'a certificate is replaced after two thirds of its life, and the Pod stays',
  async (t) => {
    const all = await startClusterAPI(t);
    const { story, core } = all;
    const hour = 3_600_000;
    const start = story.clock.now();
    core.validity = { from: start, to: start + hour };
    await core.createMachine('worker');
    await machineWithReason(all, 'worker', 'Provisioned');
    const [pod] = await core.pods();
    const key = { namespace, name: 'worker-kubemark-config' };
    const before = await story.client.get(secrets, key);
    core.validity = { from: start, to: start + 10 * hour };
    await story.clock.advance(0.5 * hour);
    await story.quiet();
    t.deepEqual((await story.client.get(secrets, key)).data, before.data);
    await story.clock.advance(0.25 * hour);
    await story.eventually('there is another certificate', async () => {
      await core.sign();
      await story.clock.advance(500);
      const { data = {} } = await story.client.get(secrets, key);
      return data['cert.pem'] !== before.data?.['cert.pem'] && data['key.pem'] === undefined;
    });
    t.deepEqual(
      (await core.pods()).map(({ metadata }) => metadata.uid),
      [pod?.metadata.uid],
    );
  },
);
