/** What is told of any machine with an unmodified kubemark in its Pod, and the fault proxy beside it. */
import type { ExecutionContext } from 'ava';
import { leases, nodes, pods, type Lease, type Node, type Pod } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Kubectl } from '#test/real/harness/kubectl.ts';
import type { Observation } from '#test/real/harness/observation.ts';
import { comesTrue } from './comes-true.ts';
import { assertOnTime, changesOnceReady } from './transitions.ts';

/** A machine, and the cluster it is in. */
export interface FaultyMachine {
  client: Client;
  kubectl: Kubectl;
  seenNodes: Observation<Node>;
  seenLeases: Observation<Lease>;
  podNamespace: string;
  /** As kubectl takes it, in full: several groups have kinds of one name. */
  resource: string;
  name: string;
  /** The container in which kubemark runs. */
  kubelet: string;
  look: () => Promise<MachineState>;
}

export interface MachineState {
  annotations?: Readonly<Record<string, string>> | undefined;
  /** What its status says of the fault that it is asked for. */
  fault?: InjectedFault | undefined;
  /** Of its Pod and its Node. */
  node: string;
}

/** Seconds of the fault that is declared, counted from the start of the proxy. */
const declared = { after: 60, duration: 10 };

/** As machines of all APIs take it. */
export const declaredFault = {
  type: 'NotReady',
  after: `${declared.after}s`,
  duration: `${declared.duration}s`,
} as const;

const proxy = 'fault-proxy';

/** That the Pod runs this kubemark, behind the proxy. */
export async function assertProxied(
  t: ExecutionContext,
  machine: FaultyMachine,
  image: string,
): Promise<void> {
  const { pod } = await lookUp(machine);
  const { containers = [] } = pod.spec ?? {};
  t.deepEqual(
    containers.map((one) => [one.name, one.image === image, one.securityContext?.privileged]),
    [
      [machine.kubelet, true, true],
      [proxy, false, undefined],
    ],
  );
}

/** The fault of the configuration, and one that is asked for by an annotation. */
export async function seeNotReady(t: ExecutionContext, machine: FaultyMachine): Promise<void> {
  const { name, pod } = await lookUp(machine);
  const { seenNodes } = machine;
  const start = stateOf(pod, proxy).state?.running?.startedAt ?? '';
  const changes = await comesTrue(`${name} was NotReady as declared`, async () =>
    atLeast(2, changesOnceReady(seenNodes.history(name))),
  );
  assertOnTime(t, changes.slice(0, 2), start, [declared.after, declared.after + declared.duration]);

  const fault = await inject(t, machine, 'NotReady for 5s');
  const more = await comesTrue(`${name} was NotReady on demand`, async () =>
    atLeast(4, changesOnceReady(seenNodes.history(name))),
  );
  assertOnTime(t, more.slice(2, 4), fault.since ?? '', [0, 5]);
  await itIsOver(machine, fault);
}

/** A crash on demand: the kubelet's container dies, the proxy's does not, and the same Node comes back. */
export async function seeCrash(t: ExecutionContext, machine: FaultyMachine): Promise<void> {
  const { client, seenLeases, kubelet } = machine;
  const before = await lookUp(machine);
  const { name } = before;
  const fault = await inject(t, machine, 'Crash for 20s');
  const { since = '', until = '' } = fault;
  await itIsOver(machine, fault);
  const renewals = await comesTrue(`${name} renews its lease again`, async () => {
    const times = seenLeases.history(name).map(({ spec }) => spec?.renewTime ?? '');
    return times.some((time) => Date.parse(time) >= Date.parse(until)) && times;
  });
  const inBetween = renewals
    .map((time) => Date.parse(time))
    .filter((time) => time > Date.parse(since) + 1000 && time < Date.parse(until));
  t.deepEqual(inBetween, [], 'while it is gone it renews nothing');

  const { pod, node } = await comesTrue(`${name} is Ready again`, async () => {
    const now = await lookUp(machine);
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
async function inject(
  t: ExecutionContext,
  machine: FaultyMachine,
  text: string,
): Promise<InjectedFault> {
  const { kubectl, resource, name } = machine;
  await kubectl.run('annotate', resource, name, `${faultAnnotation}=${text}`);
  const told = async (): Promise<InjectedFault | undefined> => (await machine.look()).fault;
  const fault = await comesTrue(`the status tells of "${text}"`, told);
  t.is(fault.asked, text);
  await eventTells(machine, `FaultInjected .* ${textOf(fault)}`);
  return fault;
}

/** Annotation and record go, and an event stays. */
async function itIsOver(machine: FaultyMachine, fault: InjectedFault): Promise<void> {
  await comesTrue('the fault is over', async () => (await machine.look()).fault === undefined);
  await comesTrue('the annotation goes', async () => {
    const { annotations } = await machine.look();
    return annotations?.[faultAnnotation] === undefined;
  });
  await eventTells(machine, `FaultEnded .* Over: ${textOf(fault)}`);
}

function textOf({ asked, since, until }: InjectedFault): string {
  return `${asked}, from ${since} until ${until}`;
}

/** Looks where a user looks. */
async function eventTells(machine: FaultyMachine, pattern: string): Promise<void> {
  const { kubectl, resource, name } = machine;
  await comesTrue(`an event tells "${pattern}"`, async () =>
    new RegExp(pattern).test(await kubectl.run('describe', resource, name)),
  );
}

async function lookUp({ client, podNamespace, look }: FaultyMachine) {
  const { node: name } = await look();
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
