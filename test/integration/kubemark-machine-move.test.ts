import type { ExecutionContext } from 'ava';
import test from 'ava';
import { pausedAnnotation } from '#api/cluster-api/core.ts';
import { pods, secrets } from '#api/core.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { remoteUserAgent } from '#controller/reconcilers/kubemarkmachine/remote-clusters.ts';
import { hollowNodeImage } from '#local/programs.ts';
import { openBackend, openEmbeddedBackend } from '#test/helpers/backend.ts';
import { someCertificate } from '#test/helpers/certificates.ts';
import { Core, namespace } from '#test/helpers/cluster-api-core.ts';
import {
  machineWithReason,
  provider,
  startClusterAPI,
  startProvider,
} from '#test/helpers/cluster-api.ts';
import { startStory, type Story } from '#test/helpers/story.ts';

const hollowCluster = { kubemarkHollowPodClusterSecretRef: { name: 'hollow' } };

const ours = [provider, remoteUserAgent];

/** Every write that managers send to the cluster from now on. */
function writesOf(story: Story): string[] {
  const writes: string[] = [];
  story.cluster.server.onRequest(({ verb, resource, userAgent }) => {
    const isRead = ['get', 'list', 'watch'].includes(verb);
    if (ours.includes(userAgent) && !isRead) writes.push(`${verb} ${resource}`);
  });
  return writes;
}

test('a paused machine is told so, and then not written, whatever happens to it', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker');
  await machineWithReason(all, 'worker', 'Provisioned');
  await core.patchCluster('test', { spec: { paused: true } });
  await story.eventually('it is told', async () => {
    const { conditions = [] } = (await core.infrastructure('worker'))?.status ?? {};
    return conditions.some(({ type, status }) => type === 'Paused' && status === 'True');
  });
  const writes = writesOf(story);
  await story.client.delete(pods, { namespace, name: 'worker' }, { gracePeriodSeconds: 0 });
  await core.deleteInfrastructure('worker');
  await story.advance(30);
  t.deepEqual(writes, []);
  t.deepEqual(await core.nodeSecrets(), ['worker-kubemark-config']);

  await core.patchCluster('test', { spec: { paused: false } });
  await story.eventually('the machine is gone', async () => {
    await story.clock.advance(400);
    return (await core.infrastructure('worker')) === undefined;
  });
  t.deepEqual(await core.nodeSecrets(), []);
});

test('a machine paused by annotation is left alone from its birth', async (t) => {
  const { story, core } = await startClusterAPI(t, { manager: false });
  await core.createMachine('worker');
  const paused = { metadata: { annotations: { [pausedAnnotation]: '' } } };
  await story.client.patch(kubemarkMachines, { namespace, name: 'worker' }, paused);
  startProvider(story.cluster);
  const machine = await story.eventually('it is told', async () => {
    const found = await core.infrastructure('worker');
    return found?.status !== undefined && found;
  });
  t.is(machine.metadata.finalizers, undefined);
  t.like(machine.status?.conditions, [
    { type: 'Paused', message: `KubemarkMachine has the ${pausedAnnotation} annotation` },
  ]);
});

/** A management cluster whose hollow Pods run in, and whose nodes join, another one. */
async function startManagement(t: ExecutionContext, kubeconfig: string, open = openBackend) {
  const story = await startStory(t, { manager: false, open });
  const core = new Core(story.client, { hasSigner: false }); // its machines join another
  await core.install(story);
  await core.createCluster('test', kubeconfig);
  await story.client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'hollow', namespace },
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  });
  return { story, core };
}

test('clusterctl move kills no hollow Pod, and the target adopts it', async (t) => {
  const workload = await startStory(t, { manager: false, open: openEmbeddedBackend });
  const kubeconfig = workload.cluster.server.kubeconfig();
  const there = new Core(workload.client, { hasSigner: false });
  const source = await startManagement(t, kubeconfig);
  startProvider(source.story.cluster);
  await source.core.createMachine('worker', hollowCluster);
  const isProvisioned = async (core: Core, story: Story): Promise<boolean> => {
    await there.sign();
    await Promise.all([story.clock.advance(400), workload.clock.advance(400)]);
    return (await core.infrastructure('worker'))?.status?.ready === true;
  };
  const { story } = source;
  await story.eventually('the machine is provisioned', () => isProvisioned(source.core, story));
  const [pod] = await there.pods();

  // Pause, copy without status, delete, and take the finalizers off.
  await source.core.patchCluster('test', { spec: { paused: true } });
  await story.quiet();
  const moved = await source.core.infrastructure('worker');
  const target = await startManagement(t, kubeconfig, openEmbeddedBackend);
  await target.core.patchCluster('test', { spec: { paused: true } });
  startProvider(target.story.cluster);
  const { labels = {}, annotations = {}, finalizers = [] } = moved?.metadata ?? {};
  await target.story.client.create(kubemarkMachines, {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha4',
    kind: 'KubemarkMachine',
    metadata: { name: 'worker', namespace, labels, annotations, finalizers },
    spec: moved?.spec ?? {},
  });
  await target.core.adopt('worker');
  const forMove = { 'clusterctl.cluster.x-k8s.io/delete-for-move': '' };
  const key = { namespace, name: 'worker' };
  await story.client.patch(kubemarkMachines, key, { metadata: { annotations: forMove } });
  await source.core.deleteInfrastructure('worker');
  await story.client.patch(kubemarkMachines, key, { metadata: { finalizers: null } });
  await story.advance(30);
  t.is(await source.core.infrastructure('worker'), undefined);

  await target.core.patchCluster('test', { spec: { paused: false } });
  await target.story.eventually('the target has taken over', () =>
    isProvisioned(target.core, target.story),
  );
  const [after, ...more] = await there.pods();
  t.is(after?.metadata.uid, pod?.metadata.uid);
  t.deepEqual(more, []);
  t.deepEqual(await there.nodeSecrets(), ['worker-kubemark-config']);
  t.is((await target.core.infrastructure('worker'))?.spec?.providerID, moved?.spec?.providerID);

  await target.core.deleteInfrastructure('worker');
  await target.story.eventually('the machine is gone', async () => {
    await Promise.all([target.story.clock.advance(1000), workload.clock.advance(1000)]);
    return (await target.core.infrastructure('worker')) === undefined;
  });
  t.deepEqual(await there.pods(), []);
  t.deepEqual(await there.nodeSecrets(), []);
});

test('what the existing provider has made is adopted as it is, and goes with its machine', async (t) => {
  const all = await startClusterAPI(t, { manager: false });
  const { story, core } = all;
  const name = 'worker';
  const spec = {
    automountServiceAccountToken: false,
    containers: [
      {
        name: 'hollow-node',
        image: hollowNodeImage,
        args: ['--morph=kubelet', '--name=worker', '--extended-resources=cpu=1,memory=4G'],
      },
    ],
  };
  const labels = { app: 'hollow-node' };
  const { metadata } = await story.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec,
  });
  const certificate = Buffer.from(await someCertificate(core.validity)).toString('base64');
  await story.client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'worker-kubemark-config', namespace },
    data: { kubeconfig: '', 'cert.pem': certificate },
  });
  await core.createMachine(name, { providerID: 'kubemark://worker' });
  startProvider(story.cluster);
  await machineWithReason(all, name, 'Provisioned');
  t.deepEqual(
    (await core.pods()).map((pod) => pod.metadata.uid),
    [metadata.uid],
  );
  t.deepEqual(await core.nodeSecrets(), ['worker-kubemark-config']);

  await core.deleteInfrastructure(name);
  await story.eventually('the machine is gone', async () => {
    await story.clock.advance(400);
    return (await core.infrastructure(name)) === undefined;
  });
  t.deepEqual(await core.pods(), []);
  t.deepEqual(await core.nodeSecrets(), []);
});
