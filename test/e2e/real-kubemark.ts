/** What is told of a machine with an unmodified kubemark in its Pod, and the fault proxy beside it. */
import { realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ExecutionContext } from 'ava';
import { leases, namespaces, nodes, pods, type Lease, type Node, type Pod } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Kubectl } from '#test/real/harness/kubectl.ts';
import type { Observation } from '#test/real/harness/observation.ts';
import { comesTrue } from './comes-true.ts';
import { assertOnTime, changesOnceReady } from './transitions.ts';

/** The cluster that the story is told on. */
export interface World {
  client: Client;
  kubectl: Kubectl;
  seenNodes: Observation<Node>;
  seenLeases: Observation<Lease>;
  podNamespace: string;
}

/** The Machine's name. */
export const kubemarkMachine = 'real-kubemark';

/** In full: Cluster API, which may be there too, has Machines of its own. */
export const machineResource = 'machines.machine.openshift.io';

/** Seconds of the declared fault, counted from the start of the proxy. */
const declared = { after: 60, duration: 10 };

const kubelet = 'hollow-kubelet';
const proxy = 'fault-proxy';

/** Writes, into `folder`, `kustomization` with the component that real kubemarks need; returns where. */
export async function withComponent(folder: string, kustomization: string): Promise<string> {
  const from = await realpath(folder);
  const text = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [relative(from, await realpath(kustomization))],
    components: [relative(from, await realpath('kustomize/components/kubemark'))],
  };
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(text));
  return folder;
}

/** Declares the machine, and waits for its Node. */
export async function runKubemark(
  t: ExecutionContext,
  { client, podNamespace }: World,
  image: string,
): Promise<void> {
  await client.create(machines, {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: {
      name: kubemarkMachine,
      namespace: 'default',
      labels: { 'machine.openshift.io/cluster-api-cluster': 'kubemark' },
    },
    spec: {
      providerSpec: {
        value: {
          apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1',
          kind: 'KubemarkMachineProviderConfig',
          image,
          runtime: 'Kubemark',
          faultInjector: 'Proxy',
          faults: [
            { type: 'NotReady', after: `${declared.after}s`, duration: `${declared.duration}s` },
          ],
        },
      },
    },
  });
  const name = await comesTrue(`${kubemarkMachine} runs`, async () => {
    const { status } = await client.get(machines, { namespace: 'default', name: kubemarkMachine });
    return status?.phase === 'Running' && status.nodeRef?.name;
  });
  const pod = await client.get(pods, { namespace: podNamespace, name });
  const { metadata } = await client.get(namespaces, { namespace: '', name: podNamespace });
  t.is(metadata.labels?.['pod-security.kubernetes.io/enforce'], 'privileged');
  const { containers = [] } = pod.spec ?? {};
  t.deepEqual(
    containers.map((one) => [one.name, one.image === image, one.securityContext?.privileged]),
    [
      [kubelet, true, true],
      [proxy, false, undefined],
    ],
  );
}

/** The fault of the configuration, and one that is asked for by an annotation. */
export async function seeNotReady(t: ExecutionContext, world: World): Promise<void> {
  const { name, pod } = await lookUp(world);
  const start = stateOf(pod, proxy).state?.running?.startedAt ?? '';
  const changes = await comesTrue(`${name} was NotReady as declared`, async () =>
    atLeast(2, changesOnceReady(world.seenNodes.history(name))),
  );
  assertOnTime(t, changes.slice(0, 2), start, [declared.after, declared.after + declared.duration]);

  const fault = await inject(t, world, 'NotReady for 5s');
  const more = await comesTrue(`${name} was NotReady on demand`, async () =>
    atLeast(4, changesOnceReady(world.seenNodes.history(name))),
  );
  assertOnTime(t, more.slice(2, 4), fault.since ?? '', [0, 5]);
  await itIsOver(world, fault);
}

/** A crash on demand: the kubelet's container dies, the proxy's does not, and the same Node comes back. */
export async function seeCrash(t: ExecutionContext, world: World): Promise<void> {
  const { client, seenLeases } = world;
  const before = await lookUp(world);
  const { name } = before;
  const fault = await inject(t, world, 'Crash for 20s');
  const { since = '', until = '' } = fault;
  await itIsOver(world, fault);
  const renewals = await comesTrue(`${name} renews its lease again`, async () => {
    const times = seenLeases.history(name).map(({ spec }) => spec?.renewTime ?? '');
    return times.some((time) => Date.parse(time) >= Date.parse(until)) && times;
  });
  const inBetween = renewals
    .map((time) => Date.parse(time))
    .filter((time) => time > Date.parse(since) + 1000 && time < Date.parse(until));
  t.deepEqual(inBetween, [], 'while it is gone it renews nothing');

  const { pod, node } = await comesTrue(`${name} is Ready again`, async () => {
    const now = await lookUp(world);
    const isReady = now.node.status?.conditions?.some(
      ({ type, status }) => type === 'Ready' && status === 'True',
    );
    return isReady === true && now;
  });
  t.is(node.metadata.uid, before.node.metadata.uid);
  t.is(pod.metadata.uid, before.pod.metadata.uid);
  const crashed = stateOf(pod, kubelet);
  t.is(crashed.restartCount, stateOf(before.pod, kubelet).restartCount + 1);
  t.is(crashed.lastState?.terminated?.exitCode, 137, 'killed, as a machine that loses power');
  t.is(stateOf(pod, proxy).containerID, stateOf(before.pod, proxy).containerID, 'it goes on');
  const lease = await client.get(leases, { namespace: 'kube-node-lease', name });
  t.is(lease.metadata.ownerReferences?.[0]?.uid, node.metadata.uid);
}

/** Annotates the machine as a user does; returns what its status says of it. */
async function inject(t: ExecutionContext, world: World, text: string): Promise<InjectedFault> {
  const { kubectl } = world;
  await kubectl.run('annotate', machineResource, kubemarkMachine, `${faultAnnotation}=${text}`);
  const fault = await comesTrue(`the status tells of "${text}"`, () => recordedFault(world));
  t.is(fault.asked, text);
  await eventTells(world, `FaultInjected .* ${textOf(fault)}`);
  return fault;
}

/** Annotation and record go, and an event stays. */
async function itIsOver(world: World, fault: InjectedFault): Promise<void> {
  const { client } = world;
  await comesTrue('the fault is over', async () => (await recordedFault(world)) === undefined);
  await comesTrue('the annotation goes', async () => {
    const { metadata } = await client.get(machines, {
      namespace: 'default',
      name: kubemarkMachine,
    });
    return metadata.annotations?.[faultAnnotation] === undefined;
  });
  await eventTells(world, `FaultEnded .* Over: ${textOf(fault)}`);
}

function textOf({ asked, since, until }: InjectedFault): string {
  return `${asked}, from ${since} until ${until}`;
}

/** Looks where a user looks. */
async function eventTells({ kubectl }: World, pattern: string): Promise<void> {
  await comesTrue(`an event tells "${pattern}"`, async () =>
    new RegExp(pattern).test(await kubectl.run('describe', machineResource, kubemarkMachine)),
  );
}

async function recordedFault({ client }: World): Promise<InjectedFault | undefined> {
  const { status } = await client.get(machines, { namespace: 'default', name: kubemarkMachine });
  const { fault }: { fault?: InjectedFault } = status?.providerStatus ?? {};
  return fault;
}

async function lookUp({ client, podNamespace }: World) {
  const { status } = await client.get(machines, { namespace: 'default', name: kubemarkMachine });
  const name = status?.nodeRef?.name ?? '';
  const pod = await client.get(pods, { namespace: podNamespace, name });
  const node = await client.get(nodes, { namespace: '', name });
  return { name, pod, node };
}

function stateOf({ status }: Pod, container: string) {
  const found = status?.containerStatuses?.find(({ name }) => name === container);
  if (found === undefined) throw new Error(`nothing is said of the container ${container}`);
  return found;
}

function atLeast<T>(count: number, list: readonly T[]): readonly T[] | undefined {
  return list.length >= count ? list : undefined;
}
