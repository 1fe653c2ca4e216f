/** Clusters of others that cannot be used, and machines that go while theirs is gone. */
import test from 'ava';
import { secrets } from '#api/core.ts';
import { kubeconfigFor } from '#local/apiserver/kubeconfig.ts';
import { isReal } from '#test/helpers/backend.ts';
import { coreClusters, coreMachines, namespace } from '#test/helpers/cluster-api-core.ts';
import { machineWithReason, readyOf, startClusterAPI } from '#test/helpers/cluster-api.ts';
import { startSilentServer } from '#test/helpers/silent-server.ts';

const nobody = 'http://127.0.0.1:1';

for (const [title, urlOf] of [
  ['refuses connections', () => Promise.resolve(nobody)],
  ['never answers', startSilentServer],
] as const) {
  test(`a cluster whose API server ${title} is told, and keeps no other waiting`, async (t) => {
    const all = await startClusterAPI(t);
    const { story, core } = all;
    await core.createCluster('bad', kubeconfigFor(await urlOf(t)));
    await core.createMachine('lost', {}, { cluster: 'bad' });
    await core.createMachine('worker');
    await machineWithReason(all, 'lost', 'ClusterUnreachable');
    await machineWithReason(all, 'worker', 'Provisioned');
    await core.deleteInfrastructure('lost');
    await story.eventually('the machine is gone', async () => {
      await story.clock.advance(400);
      return (await core.infrastructure('lost')) === undefined;
    });
    t.deepEqual(await core.nodeSecrets(), ['worker-kubemark-config']);
  });
}

test('with the workload cluster silent and Machine and Cluster gone, deletion is done within 10 s', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker');
  await machineWithReason(all, 'worker', 'Provisioned');
  const silent = Buffer.from(kubeconfigFor(await startSilentServer(t))).toString('base64');
  const kubeconfig = { namespace, name: 'test-kubeconfig' };
  await story.client.patch(secrets, kubeconfig, { data: { value: silent } });
  await story.client.delete(coreClusters, { namespace, name: 'test' });
  await story.client.delete(coreMachines, { namespace, name: 'worker' });
  await core.deleteInfrastructure('worker');
  await story.advance(10);
  const isGone = async (): Promise<boolean> => (await core.infrastructure('worker')) === undefined;
  if (isReal) await story.eventually('the machine is gone', isGone); // that may be busy
  t.true(await isGone());
  t.deepEqual(await core.pods(), []);
  t.deepEqual(await core.nodeSecrets(), []);
});

test('without the Secret of its hollow-Pod cluster a machine goes, too', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  const kubeconfig = Buffer.from(story.cluster.server.kubeconfig()).toString('base64');
  const key = { namespace, name: 'hollow' };
  await story.client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: key,
    data: { kubeconfig },
  });
  await core.createMachine('worker', { kubemarkHollowPodClusterSecretRef: { name: 'hollow' } });
  await machineWithReason(all, 'worker', 'Provisioned');
  await story.client.delete(secrets, key);
  await core.deleteInfrastructure('worker');
  await story.eventually('the machine is gone', async () => {
    await story.clock.advance(1_000);
    return (await core.infrastructure('worker')) === undefined;
  });
  t.pass();
});

const entry = (url: string): object => ({
  data: { kubeconfig: Buffer.from(kubeconfigFor(url)).toString('base64') },
});

test('a hollow-Pod cluster that does not answer holds the machine until it does', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  const key = { namespace, name: 'hollow' };
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: key };
  await story.client.create(secrets, { ...secret, ...entry(story.cluster.url) });
  await core.createMachine('worker', { kubemarkHollowPodClusterSecretRef: { name: 'hollow' } });
  await machineWithReason(all, 'worker', 'Provisioned');
  await story.client.patch(secrets, key, entry(nobody));
  await story.advance(11); // for which a Secret is not read again
  await core.deleteInfrastructure('worker');
  await story.eventually('it says why it stays', async () => {
    await story.clock.advance(1_000);
    const ready = readyOf(await core.infrastructure('worker'));
    return ready?.reason === 'Deleting' && ready.message.startsWith('ClusterUnreachable: ');
  });
  await story.client.patch(secrets, key, entry(story.cluster.url));
  await story.eventually('the machine is gone', async () => {
    await story.clock.advance(1_000);
    return (await core.infrastructure('worker')) === undefined;
  });
  t.deepEqual(await core.pods(), []);
  t.deepEqual(await core.nodeSecrets(), []);
});
