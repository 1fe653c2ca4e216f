/**
 * What a user does, on a cluster whose nodes run containers (KUBECONFIG): install, declare the machines of
 * `examples/`, watch their Nodes fail on schedule, remove everything. The tests are one story: each
 * goes on where the one before ends.
 */
import test from 'ava';
import { leases, namespaces, nodes, pods, type Pod } from '#api/core.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { providerIDFor } from '#controller/hollow-pod/names.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { comesTrue } from './comes-true.ts';
import { seeCrash, seeNotReady } from './faulty-machine.ts';
import {
  kubemarkMachine,
  kubemarkMachineIn,
  machineResource,
  runKubemark,
  withComponent,
} from './real-kubemark.ts';
import { kubemarkImage, openCluster, tell } from './story.ts';
import { assertOnTime, changesOnceReady, readyTransitions } from './transitions.ts';

const kustomization = process.env['E2E_KUSTOMIZATION'] ?? 'kustomize/default';
const systemNamespace = 'kubemark-provider-system';
const podNamespace = 'kubemark-actuator';
const deployment = 'deployment/kubemark-provider-controller-manager';
const managerLabels = 'app.kubernetes.io/component=controller-manager';

/** The machines in examples/, and when their Nodes change: seconds after the start. */
const schedules: Readonly<Record<string, readonly number[]>> = {
  'periodically-unready': [40, 45, 85, 90],
  'unready-after': [40],
};
const examples = Object.keys(schedules);

const declared = kubemarkImage === '' ? examples : [...examples, kubemarkMachine];

const cluster = await openCluster();
const { client, kubectl, seenNodes, folder } = cluster;
const kubemark = kubemarkMachineIn(cluster, podNamespace);
const { step, kubemarkStep } = tell(situation);

test.after.always('nothing is left, whatever has failed', async () => {
  await kubectl.try('delete', machineResource, ...declared, '--ignore-not-found', '--timeout=30s');
  await kubectl.try('delete', '-k', installed, '--ignore-not-found', '--timeout=60s');
  await cluster.close();
});

/** What is deployed now. */
let installed = kustomization;

step('the manifests are accepted as they are', async (t) => {
  await kubectl.run('apply', '-k', kustomization);
  t.notRegex(await kubectl.run('apply', '-k', kustomization), /configured|created/, 'once more');
});

step('the manager becomes available', async (t) => {
  // Not the condition Available: one Pod of one may be unavailable, so that is there at once.
  await kubectl.run('-n', systemNamespace, 'rollout', 'status', deployment, '--timeout=80s');
  t.deepEqual((await managerPods()).map(isReady), [true]);
});

step('the machines of the README get Pods that really run', async (t) => {
  await kubectl.run('apply', '-f', 'examples');
  for (const name of examples) {
    const machine = await comesTrue(`${name} runs`, async () => {
      const found = await machineNamed(name);
      return found.status?.phase === 'Running' ? found : undefined;
    });
    t.is(machine.spec?.providerID, providerIDFor(nodeOf(machine)));
    const pod = await comesTrue(`the kubelet says that ${name} runs`, async () => {
      const found = await client.get(pods, { namespace: podNamespace, name: nodeOf(machine) });
      return containerOf(found)?.state?.running && found;
    });
    t.regex(containerOf(pod)?.containerID ?? '', /^[a-z-]+:\/\/[0-9a-f]{64}$/);
    t.is(containerOf(pod)?.restartCount, 0);
    const node = await client.get(nodes, { namespace: '', name: nodeOf(machine) });
    const address = node.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
    t.is(address, pod.status?.podIP, 'the Node is where its Pod is');
  }
});

kubemarkStep('with its component, a machine runs an unmodified kubemark', async (t) => {
  installed = await withComponent(folder, kustomization);
  await kubectl.run('apply', '-k', installed);
  await runKubemark(t, kubemark, kubemarkImage);
});

step('when the manager is killed another one takes over, and nothing changes', async (t) => {
  const before = await identities();
  const [killed] = await managerPods();
  await kubectl.run(
    '-n',
    systemNamespace,
    'delete',
    'pod',
    '-l',
    managerLabels,
    '--force',
    '--grace-period=0',
  );
  await comesTrue('another manager is ready', async () => {
    const [manager, ...more] = await managerPods();
    const isAnother = manager !== undefined && manager.metadata.uid !== killed?.metadata.uid;
    return isAnother && isReady(manager) && more.length === 0;
  });
  t.deepEqual(await identities(), before);
});

kubemarkStep('an unmodified kubemark is NotReady when it was told to', (t) =>
  seeNotReady(t, kubemark),
);

kubemarkStep('an unmodified kubemark crashes when it was told to', (t) => seeCrash(t, kubemark));

step('the Nodes turn NotReady on schedule', async (t) => {
  for (const [machineName, seconds] of Object.entries(schedules)) {
    const name = nodeOf(await machineNamed(machineName));
    const pod = await client.get(pods, { namespace: podNamespace, name });
    const start = containerOf(pod)?.state?.running?.startedAt ?? '';
    const changes = await comesTrue(`${name} has changed ${seconds.length} times`, () => {
      const seen = changesOnceReady(seenNodes.history(name));
      return Promise.resolve(seen.length >= seconds.length && seen);
    });
    t.is(readyTransitions(seenNodes.history(name))[0]?.status, 'True', 'it joins Ready');
    assertOnTime(t, changes.slice(0, seconds.length), start, seconds);
  }
});

step('deleted machines take their Pods and Nodes along', async (t) => {
  const names = (await Promise.all(declared.map(machineNamed))).map(nodeOf);
  await kubectl.run('delete', machineResource, ...declared, '--wait=false');
  await comesTrue('the machines go', async () => (await client.list(machines)).items.length === 0);
  t.deepEqual((await client.list(pods, { namespace: podNamespace })).items, []);
  for (const name of names) {
    t.is(await ifFound(client.get(nodes, { namespace: '', name })), undefined);
    await comesTrue(`the lease of ${name} goes`, async () => {
      const lease = await ifFound(client.get(leases, { namespace: 'kube-node-lease', name }));
      return lease === undefined;
    });
  }
});

step('the provider goes without a trace', async (t) => {
  // Namespaces take their time: their controller looks again after pauses that double.
  await kubectl.run('delete', '-k', installed, '--timeout=180s');
  for (const name of [systemNamespace, podNamespace]) {
    t.is(await ifFound(client.get(namespaces, { namespace: '', name })), undefined);
  }
  const left = await kubectl.run('get', 'crds,clusterroles,clusterrolebindings', '--output=name');
  t.notRegex(left, /kubemark-provider|machine\.openshift\.io/);
});

async function machineNamed(name: string): Promise<Machine> {
  return client.get(machines, { namespace: 'default', name });
}

/** Pod and Node of a machine have one name. */
function nodeOf({ spec }: Machine): string {
  return spec?.providerID?.replace(providerIDFor(''), '') ?? '';
}

function containerOf(pod: Pod) {
  return pod.status?.containerStatuses?.[0];
}

function containerIDsOf({ status }: Pod) {
  return status?.containerStatuses?.map(({ containerID }) => containerID);
}

function isReady({ status }: Pod): boolean {
  return status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true;
}

async function managerPods(): Promise<Pod[]> {
  const { items } = await client.list(pods, {
    namespace: systemNamespace,
    labelSelector: managerLabels,
  });
  return items;
}

/** What a manager that starts must leave alone. */
async function identities(): Promise<unknown> {
  const found = await Promise.all(declared.map(machineNamed));
  return Promise.all(
    found.map(async (machine) => {
      const name = nodeOf(machine);
      const pod = await client.get(pods, { namespace: podNamespace, name });
      const node = await client.get(nodes, { namespace: '', name });
      return {
        machine: { uid: machine.metadata.uid, spec: machine.spec },
        pod: { uid: pod.metadata.uid, containers: containerIDsOf(pod) },
        node: { uid: node.metadata.uid, providerID: node.spec?.providerID },
      };
    }),
  );
}

async function situation(): Promise<string> {
  const questions = [
    ['get', 'machines', '--all-namespaces'],
    ['get', 'nodes,pods', '--all-namespaces', '--output=wide'],
    ['get', 'namespaces', systemNamespace, podNamespace, '--ignore-not-found', '--output=yaml'],
    ['get', 'events', '--all-namespaces'],
    ['-n', systemNamespace, 'logs', deployment, '--tail=30'],
  ];
  const answers = await Promise.all(questions.map((question) => kubectl.try(...question)));
  return answers.map(({ output }) => output).join('\n');
}
