import { clusterNameLabel } from '#api/cluster-api/core.ts';
import { pods, secrets } from '#api/core.ts';
import { kubemarkClusters } from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { kubemarkMachineTemplates } from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { hollowNodeImage } from '#local/programs.ts';
import { someCertificate } from '#test/helpers/certificates.ts';
import { Core, namespace } from '#test/helpers/cluster-api-core.ts';
import { machineWithReason, newProvider } from '#test/helpers/cluster-api.ts';
import type { Story } from '#test/helpers/story.ts';

/** All that a provider of Cluster API does: each kind, a Pod that is lost twice, a machine of another provider. */
export async function liveAsProvider(story: Story): Promise<void> {
  const core = new Core(story.client, { hasSigner: true });
  const all = { story, core };
  await core.install(story);
  await core.createCluster('test', story.cluster.server.kubeconfig());
  const stop = new AbortController();
  const stopped = newProvider(story.cluster).run(stop.signal);

  await describeCluster(story);
  await core.createMachine('fresh');
  await machineWithReason(all, 'fresh', 'Provisioned');
  // The second time, the event of the first is counted up.
  await losePod(story, core);
  await losePod(story, core);
  await inherit(story, core);
  await machineWithReason(all, 'inherited', 'Provisioned');

  for (const name of ['fresh', 'inherited']) await core.deleteInfrastructure(name);
  await story.eventually('the machines are gone', async () => {
    const rest = await Promise.all(['fresh', 'inherited'].map((name) => core.infrastructure(name)));
    return rest.every((machine) => machine === undefined);
  });
  stop.abort();
  await stopped;
}

const apiVersion = 'infrastructure.cluster.x-k8s.io/v1alpha4';

/** A KubemarkCluster and a template, until both have a status. */
async function describeCluster(story: Story): Promise<void> {
  const { client } = story;
  const metadata = { namespace, name: 'test', labels: { [clusterNameLabel]: 'test' } };
  await client.create(kubemarkClusters, { apiVersion, kind: 'KubemarkCluster', metadata });
  await client.create(kubemarkMachineTemplates, {
    apiVersion,
    kind: 'KubemarkMachineTemplate',
    metadata,
    spec: { template: { spec: {} } },
  });
  await story.eventually('they have a status', async () => {
    const cluster = await client.get(kubemarkClusters, metadata);
    const template = await client.get(kubemarkMachineTemplates, metadata);
    return cluster.status?.conditions !== undefined && template.status?.capacity !== undefined;
  });
}

async function losePod(story: Story, core: Core): Promise<void> {
  const [before] = await core.pods();
  await story.client.delete(pods, { namespace, name: 'fresh' });
  await story.eventually('another Pod runs', async () => {
    const [pod] = await core.pods();
    return pod?.metadata.uid !== before?.metadata.uid && pod?.status?.phase === 'Running';
  });
}

/** A Pod and a Secret as the existing provider makes them, and then their machine. */
async function inherit({ client }: Story, core: Core): Promise<void> {
  const name = 'inherited';
  const args = ['--morph=kubelet', `--name=${name}`];
  await client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: 'hollow-node' } },
    spec: {
      automountServiceAccountToken: false,
      containers: [{ name: 'hollow-node', image: hollowNodeImage, args }],
    },
  });
  const certificate = await someCertificate(core.validity);
  await client.create(secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${name}-kubemark-config`, namespace },
    data: { kubeconfig: '', 'cert.pem': Buffer.from(certificate).toString('base64') },
  });
  await core.createMachine(name);
}
