/**
 * The roles of an installation, held by a real API server: they are enough for a manager and its hollow
 * nodes through a whole life, and each of their rules is used in it.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { nodes, pods } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { Kind } from '#api/kind.ts';
import {
  machineAnnotation,
  machineUIDLabel,
  staticMachineAnnotation,
} from '#api/machine/v1beta1/labels.ts';
import { machineGroups, type MachineGroup } from '#api/machine-groups.ts';
import { machineDeployments } from '#api/machine/v1beta1/machine-deployment.ts';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { hostNode } from '#local/host-node.ts';
import type { RequestRecord } from '#local/apiserver/server.ts';
import { locateBinaries } from '#kubernetes/binaries/locate.ts';
import { freePort } from '#kubernetes/ports.ts';
import { readObjects } from '#local/objects.ts';
import {
  clusterK8sIoGrants,
  hollowNodeGrants,
  kubemarkGrants,
  leaderElectionGrants,
  managerGrants,
} from '#manifests/grants.ts';
import { kubemarkName, systemNamespace } from '#manifests/names.ts';
import { checkKey, newCheck } from '#test/helpers/health-checks.ts';
import { DeploymentStory, template } from '#test/helpers/machine-deployments.ts';
import { newMachineSet, SetStory } from '#test/helpers/machine-sets.ts';
import { newMachine, podNamespace, readyCondition, Story } from '#test/helpers/story.ts';
import { startPodOn } from '#test/helpers/tenants.ts';
import { Program } from './harness/program.ts';
import { openRealStory } from './harness/real-story.ts';
import { areNeeded, areSufficient, subjectOf } from './harness/rights.ts';

test('each right is needed, and no other is asked for', async (t) => {
  const story = await openRealStory(t);
  const requests: RequestRecord[] = [];
  story.cluster.server.onRequest((request) => {
    if (subjectOf(request) !== undefined) requests.push(request);
  });
  story.cluster.start();
  await live(story);
  areSufficient(t, requests);
  areNeeded(t, requests, [
    ...managerGrants,
    ...clusterK8sIoGrants,
    ...leaderElectionGrants,
    ...hollowNodeGrants,
  ]);
});

test('a real kubemark needs all of its component, and no more', async (t) => {
  const story = await openRealStory(t);
  await story.cluster.apply(await readObjects(['kustomize/components/kubemark/rbac.yaml']));
  t.teardown(() => story.client.delete(clusterRoleBindings, { namespace: '', name: kubemarkName }));
  const requests: RequestRecord[] = [];
  story.cluster.server.onRequest((request) => {
    if (request.userAgent.startsWith('kubemark/')) requests.push(request);
  });
  story.cluster.start();
  const name = 'kubemark';
  await startKubemark(t, story, '--morph=proxy', `--name=${name}`);
  await startKubemark(t, story, '--morph=kubelet', `--name=${name}`);
  await story.eventually('kubemark is Ready', async () => {
    return readyCondition(await story.node(name))?.status === 'True';
  });
  await runPod(story, name);
  areSufficient(t, requests);
  areNeeded(t, requests, kubemarkGrants);
  await story.client.delete(nodes, { namespace: '', name });
});

/** All that a manager and hollow nodes do. */
async function live(story: Story): Promise<void> {
  const { cluster } = story;
  const stop = new AbortController();
  const flags = {
    'leader-elect': true,
    'leader-elect-resource-namespace': systemNamespace,
    'machine-api-groups': ['machine.openshift.io', 'cluster.k8s.io'],
  } as const;
  const stopped = cluster.createManager(undefined, flags).run(stop.signal);

  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const nodeName = metadata.name ?? '';
  await runPod(story, nodeName);
  // The second time, the event of the first is counted up, and the node finds itself registered.
  await losePod(story, nodeName);
  await losePod(story, nodeName);
  await story.create(
    newMachine('faulty', { config: { turnUnhealthyAfter: true, healthyDuration: '1s' } }),
  );
  const faulty = await story.runningNode('faulty');
  await story.eventually('the Node is NotReady', async () => {
    return readyCondition(await story.node(faulty.metadata.name ?? ''))?.status === 'False';
  });
  await failOnDemand(story);
  const annotations = { [staticMachineAnnotation]: hostNode.name };
  await story.create(newMachine('static', { annotations }));
  await story.runningNode('static');
  for (const group of Object.values(machineGroups)) await leaveOrphan(story, group);
  await checkHealth(story);
  await liveAsSet(story);
  await liveAsDeployment(story);
  await liveInOtherGroup(story);

  await startPodOn(story, nodeName, 'evicted');
  // A Node that the manager does not know is asked for before its machine goes.
  await story.client.delete(nodes, { namespace: '', name: faulty.metadata.name ?? '' });
  for (const name of ['worker', 'faulty', 'static']) {
    await story.client.delete(machines, { namespace: 'default', name });
    await story.eventually(`${name} is gone`, async () => !(await story.machine(name)));
  }
  stop.abort();
  await stopped;
}

/** A fault that somebody asks for, and that runs its course. */
async function failOnDemand(story: Story): Promise<void> {
  const key = { namespace: 'default', name: 'worker' };
  const annotations = { [faultAnnotation]: 'NotReady for 2s' };
  await story.client.patch(machines, key, { metadata: { annotations } });
  await story.eventually('the fault is over', async () => {
    const { metadata } = await story.client.get(machines, key);
    return metadata.annotations?.[faultAnnotation] === undefined;
  });
}

/** A health check that finds out how many machines there are. */
async function checkHealth(story: Story): Promise<void> {
  await story.client.create(machineHealthChecks, newCheck());
  await story.eventually('the check has a status', async () => {
    const found = await story.client.get(machineHealthChecks, checkKey);
    return found.status?.expectedMachines !== undefined;
  });
  await story.client.delete(machineHealthChecks, checkKey);
}

/** A MachineSet that adopts, creates and deletes. */
async function liveAsSet(story: Story): Promise<void> {
  const sets = new SetStory(story);
  await story.create(newMachine('adopted', { labels: { set: 'workers' } }));
  await story.client.create(machineSets, newMachineSet('workers', { replicas: 2 }));
  await sets.atRest(2);
  await sets.scale(0);
  await sets.atRest(0);
  await story.client.delete(machineSets, { namespace: 'default', name: 'workers' });
}

/** The same set, of `cluster.k8s.io`. */
async function liveInOtherGroup({ clock, cluster }: Story): Promise<void> {
  await liveAsSet(new Story(clock, cluster, 'cluster.k8s.io'));
}

/** A MachineDeployment that adopts, creates, scales and deletes sets. */
async function liveAsDeployment(story: Story): Promise<void> {
  const deployments = new DeploymentStory(story);
  const adopted = newMachineSet('adopted', { replicas: 0 });
  adopted.metadata.labels = { app: 'workers' };
  await story.client.create(machineSets, adopted);
  await deployments.create({ replicas: 1, revisionHistoryLimit: 0 });
  await deployments.complete();
  await deployments.change({ template: template('2') });
  await deployments.complete();
  await story.eventually('the adopted set and the old one are gone', async () => {
    return (await deployments.sets()).every(({ status }) => status?.replicas === 1);
  });
  await story.client.delete(machineDeployments, { namespace: 'default', name: 'workers' });
  await story.eventually('its Machines are gone', async () => {
    return (await deployments.versions()).trim() === ''; // others have no version
  });
}

/** Something in a ConfigMap that a kubelet has to read. */
const settings = { configMapRef: { name: 'settings', optional: true } };

/** A Pod on a hollow node, from its creation until its node has deleted it. */
async function runPod(story: Story, nodeName: string): Promise<void> {
  const key = { namespace: 'default', name: 'tenant' };
  const spec = {
    nodeName,
    tolerations: [{ operator: 'Exists' }],
    containers: [{ name: 'tenant', image: 'example.com/tenant', envFrom: [settings] }],
  };
  await story.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec });
  const phase = async (): Promise<string | undefined> => {
    const { items } = await story.client.list(pods, { namespace: 'default' });
    return items.find(({ metadata: { name } }) => name === key.name)?.status?.phase;
  };
  await story.eventually('the Pod runs', async () => (await phase()) === 'Running');
  await story.client.delete(pods, key);
  await story.eventually('the Pod is gone', async () => (await phase()) === undefined);
}

async function losePod(story: Story, name: string): Promise<void> {
  const before = await story.pod(name);
  await story.client.delete(pods, { namespace: podNamespace, name });
  await story.eventually('another Pod runs', async () => {
    const pod = await story.pod(name);
    return pod?.metadata.uid !== before?.metadata.uid && pod?.status?.phase === 'Running';
  });
}

/** A Pod of a machine that is gone; the manager removes it. */
async function leaveOrphan(story: Story, group: MachineGroup): Promise<void> {
  const metadata = {
    namespace: podNamespace,
    name: 'orphan',
    labels: { [machineUIDLabel]: 'gone' },
    annotations: { [machineAnnotation(group.machines)]: 'default/gone' },
  };
  const spec = { containers: [{ name: 'none', image: 'example.com/none' }] };
  await story.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  await story.eventually('the orphan is gone', async () => !(await story.pod('orphan')));
}

/** A process of the real kubemark, on a port of its own, until the test ends. */
async function startKubemark(t: ExecutionContext, story: Story, ...args: string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'rbac-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, story.cluster.server.kubeconfig());
  const { signal } = new AbortController();
  const environment = process.env;
  const binaries = await locateBinaries({ isFull: true, environment, say: () => {}, signal });
  const ports = [
    `--kubelet-port=${await freePort()}`,
    `--kubelet-read-only-port=${await freePort()}`,
  ];
  const command = [join(binaries, 'kubemark'), `--kubeconfig=${kubeconfig}`, ...args, ...ports];
  const kubemark = new Program('kubemark', command, folder);
  t.teardown(() => kubemark.stop());
}

const clusterRoleBindings: Kind = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  namespaced: false,
};

const secrets: Kind = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

for (const userAgent of ['manager', 'hollow-kubelet']) {
  test(`the ${userAgent} reads no Secrets and makes no mischief`, async (t) => {
    const story = await openRealStory(t);
    const client = story.cluster.newClient(userAgent);
    const forbidden = { code: 403 };
    const isRefused = async (request: Promise<unknown>): Promise<void> => {
      const error = await t.throwsAsync(request);
      t.like(error, { status: forbidden });
    };
    await isRefused(client.list(secrets));
    for (const namespace of ['default', 'kube-system', podNamespace, systemNamespace]) {
      await isRefused(client.list(secrets, { namespace }));
    }
    const host = { apiVersion: 'v1', kind: 'Node', metadata: { name: hostNode.name } };
    await isRefused(client.update(nodes, host));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'any' } };
    await isRefused(client.create(pods, pod));
    await client.close();
  });
}
