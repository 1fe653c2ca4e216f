/**
 * The provider of Cluster API on a cluster whose nodes run containers (KUBECONFIG), which is its own
 * workload cluster: install, two KubemarkMachines, one of them with an unmodified kubemark that fails as
 * it was told to, remove everything. The tests play the part of Cluster API's core.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { namespaces, nodes, pods, type Node } from '#api/core.ts';
import {
  kubemarkMachines,
  type KubemarkMachine,
} from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { ifFound } from '#runtime/client/errors.ts';
import {
  Core,
  coreClusters,
  coreDefinitions,
  coreMachines,
} from '#test/helpers/cluster-api-core.ts';
import { comesTrue } from './comes-true.ts';
import {
  assertProxied,
  declaredFault,
  seeCrash,
  seeNotReady,
  type FaultyMachine,
} from './faulty-machine.ts';
import { kubemarkImage, openCluster, tell } from './story.ts';

const systemNamespace = 'kubemark-infrastructure-system';
const deployment = 'deployment/kubemark-infrastructure-controller-manager';
const namespace = 'default';
const hollow = 'hollow-worker';
const faulty = 'kubemark-worker';
const resource = 'kubemarkmachines.infrastructure.cluster.x-k8s.io';

const cluster = await openCluster();
const { client, kubectl, folder } = cluster;
const core = new Core(client, { hasSigner: true });
const kinds = await kubectl.run('api-resources', '--output=name');
/** Kinds would be replaced by ours, and deleted. */
const whyNot = kinds.includes('.cluster.x-k8s.io') ? 'the cluster has Cluster API' : undefined;
const { step, kubemarkStep } = tell(situation, whyNot);
const definitions = join(folder, 'core.json');
const machine: FaultyMachine = {
  ...cluster,
  podNamespace: namespace,
  resource,
  name: faulty,
  kubelet: 'hollow-node',
  look: async () => {
    const { metadata, status } = await machineNamed(faulty);
    return { annotations: metadata.annotations, fault: status?.fault, node: faulty };
  },
};

/** Admission policies want Kubernetes 1.30. */
const installed = kinds.includes('validatingadmissionpolicies')
  ? 'kustomize/overlays/cluster-api'
  : 'kustomize/base/infrastructure';

test.after.always('nothing is left, whatever has failed', async () => {
  if (whyNot !== undefined) return cluster.close();
  await kubectl.try('delete', resource, '--all', '--ignore-not-found', '--timeout=30s');
  await kubectl.try('delete', '-k', installed, '--ignore-not-found', '--timeout=60s');
  await kubectl.try('delete', '-f', definitions, '--ignore-not-found', '--timeout=30s');
  await kubectl.try('delete', 'secret', 'test-kubeconfig', '--ignore-not-found');
  await kubectl.try('delete', 'nodes', hollow, faulty, '--ignore-not-found');
  await cluster.close();
});

step('the provider becomes available beside the kinds of core', async (t) => {
  const items = coreDefinitions().map(({ object }) => object);
  await writeFile(definitions, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kubectl.run('apply', '-f', definitions);
  await kubectl.run('apply', '-k', installed);
  await kubectl.run('-n', systemNamespace, 'rollout', 'status', deployment, '--timeout=80s');
  for (const kind of [coreMachines, coreClusters]) {
    await comesTrue(`${kind.plural} are served`, () => ifFound(client.list(kind)));
  }
  t.pass();
});

step('a machine becomes a Node', async (t) => {
  await core.createCluster('test', await kubeconfigForPods());
  await core.createMachine(hollow);
  const node = await joins(hollow);
  const { spec } = await machineNamed(hollow);
  t.is(node.spec?.providerID, spec?.providerID);
  const pod = await client.get(pods, { namespace, name: hollow });
  const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  t.is(address, pod.status?.podIP, 'the Node is where its Pod is');
});

kubemarkStep('so does one with an unmodified kubemark behind the fault proxy', async (t) => {
  await core.createMachine(faulty, {
    image: kubemarkImage,
    runtime: 'Kubemark',
    faultInjector: 'Proxy',
    faults: [declaredFault],
  });
  await joins(faulty);
  await assertProxied(t, machine, kubemarkImage);
});

kubemarkStep('it is NotReady when it was told to', (t) => seeNotReady(t, machine));

kubemarkStep('it crashes when it was told to', (t) => seeCrash(t, machine));

step('deleted machines take their Pods and Secrets along', async (t) => {
  const { items } = await client.list(kubemarkMachines);
  const names = items.map(({ metadata }) => metadata.name ?? '');
  for (const name of names) await core.deleteInfrastructure(name);
  await comesTrue('they go', async () => (await client.list(kubemarkMachines)).items.length === 0);
  t.deepEqual(await core.pods(), []);
  t.deepEqual(await core.nodeSecrets(), []);
  // What core does when the infrastructure is gone.
  for (const name of names) await ifFound(client.delete(nodes, { namespace: '', name }));
});

step('the provider goes without a trace', async (t) => {
  await kubectl.run('delete', '-k', installed, '--timeout=180s');
  t.is(await ifFound(client.get(namespaces, { namespace: '', name: systemNamespace })), undefined);
  const left = await kubectl.run('get', 'crds,clusterroles,clusterrolebindings', '--output=name');
  t.notRegex(left, /kubemark-infrastructure|infrastructure\.cluster/);
});

function machineNamed(name: string): Promise<KubemarkMachine> {
  return client.get(kubemarkMachines, { namespace, name });
}

/** Resolves to the Node of a machine, which the machine knows of, once it is Ready. */
async function joins(name: string): Promise<Node> {
  await comesTrue(`${name} is provisioned`, async () => {
    const { status } = await machineNamed(name);
    return status?.initialization?.provisioned;
  });
  return comesTrue(`${name} is Ready`, async () => {
    const node = await ifFound(client.get(nodes, { namespace: '', name }));
    const ready = node?.status?.conditions?.find(({ type }) => type === 'Ready');
    return ready?.status === 'True' && node;
  });
}

/** As an administrator has it, for a server's address that Pods reach, too. */
async function kubeconfigForPods(): Promise<string> {
  const view = ['config', 'view', '--raw', '--minify', '--flatten', '--output=json'];
  const config = JSON.parse(await kubectl.run(...view));
  const service = ['get', 'service', 'kubernetes', '--output=jsonpath={.spec.clusterIP}'];
  config.clusters[0].cluster.server = `https://${await kubectl.run(...service)}`;
  return JSON.stringify(config);
}

async function situation(): Promise<string> {
  const questions = [
    ['get', resource, '--all-namespaces', '--output=yaml'],
    ['get', 'nodes,pods', '--all-namespaces', '--output=wide'],
    ['get', 'events', '--all-namespaces'],
    ['-n', systemNamespace, 'logs', deployment, '--tail=30'],
    ['logs', faulty, '--all-containers', '--prefix', '--tail=30'],
  ];
  const answers = await Promise.all(questions.map((question) => kubectl.try(...question)));
  return answers.map(({ output }) => output).join('\n');
}
