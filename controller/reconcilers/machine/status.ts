/** The status of a Machine as a pure function of what was observed. */
import { isDeepStrictEqual } from 'node:util';
import type { Node, Pod } from '#api/core.ts';
import type { ProviderCondition } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import {
  MachinePhase,
  type MachineError,
  type MachineStatus,
} from '#api/machine/v1beta1/machine.ts';
import { explanationOf, hasRegistered, lostNode, type Explanation } from './explanation.ts';
import { instanceProblem } from '#controller/hollow-pod/instance.ts';
import { providerStatusOf } from './provider-status.ts';

export interface Failure extends Explanation {
  /** The user must change something; absent: it is tried again. */
  errorReason?: MachineError;
}

export interface Observed {
  isDeleting: boolean;
  /** The Node is none of ours: whether it is the one is for the node link to say. */
  isStatic: boolean;
  pod: Pod | undefined;
  /** The machine's Node, linked or not. */
  node: Node | undefined;
  /** The instance's InternalIP, once it has one. */
  address: string | undefined;
  failure: Failure | undefined;
  /** What the deletion waits for. */
  waiting: Explanation | undefined;
}

/**
 * The status to store. `lastUpdated` moves only when something else does, and not with a condition
 * alone: health checks take it for the start of the machine's life (spec of the original, §7), and a
 * container that crashes again and again must not postpone the end of their patience.
 */
export function summarize(before: MachineStatus, observed: Observed, now: string): MachineStatus {
  const status = { ...before, ...(!observed.isStatic && referenceTo(observed.node)) };
  const after = withoutUndefined({
    ...status,
    phase: phaseOf(status, observed),
    // Never an empty one: other controllers index machines by it.
    addresses: observed.address ? [{ type: 'InternalIP', address: observed.address }] : undefined,
    errorReason: observed.failure?.errorReason,
    errorMessage: observed.failure?.errorReason && observed.failure.message,
    providerStatus: providerStatus(status, observed, now),
  });
  if (isDeepStrictEqual(before, after)) return before;
  const isLasting = isDeepStrictEqual(withoutTexts(before), withoutTexts(after));
  return isLasting && before.lastUpdated ? after : { ...after, lastUpdated: now };
}

function withoutTexts(status: MachineStatus): object {
  const { instanceId, instanceState } = providerStatusOf(status);
  return { ...status, providerStatus: { instanceId, instanceState } };
}

function phaseOf(status: MachineStatus, observed: Observed): MachinePhase {
  if (observed.isDeleting) return MachinePhase.deleting;
  if (observed.failure?.errorReason) return MachinePhase.failed;
  if (status.nodeRef !== undefined || hasRegistered(status)) return MachinePhase.running;
  return observed.address ? MachinePhase.provisioned : MachinePhase.provisioning;
}

/** Nothing when the Node has vanished: a health check must see that the one it knew is gone. */
function referenceTo(node: Node | undefined): Pick<MachineStatus, 'nodeRef'> {
  const { name, uid } = node?.metadata ?? {};
  return name === undefined || uid === undefined ? {} : { nodeRef: { kind: 'Node', name, uid } };
}

/** By the node link, or here (docs/adr/0011). */
function isLinked(status: MachineStatus, node: Node | undefined): boolean {
  return node !== undefined && node.metadata.uid === status.nodeRef?.uid;
}

function providerStatus(
  status: MachineStatus,
  observed: Observed,
  now: string,
): Record<string, unknown> {
  const { pod, node, failure, isDeleting } = observed;
  const before = providerStatusOf(status);
  const { reason: _, message: __, ...after } = before;
  const conditions: Omit<ProviderCondition, 'lastProbeTime' | 'lastTransitionTime'>[] = [];
  if (pod !== undefined) {
    after.instanceId = `${pod.metadata.namespace}/${pod.metadata.name}`;
    after.instanceState = pod.status?.phase ?? 'Pending';
    conditions.push(created, instanceRunning(pod));
  } else if (after.instanceId !== undefined) {
    after.instanceState = 'Unknown';
    const message = isDeleting ? 'the Pod is gone' : (failure?.message ?? 'the Pod is lost');
    conditions.push({ ...notRunning, message });
  } else if (failure !== undefined) {
    conditions.push({ ...notCreated, message: failure.message });
  }
  const lost = lostNode(status, observed);
  if (isLinked(status, node)) conditions.push(nodeFound);
  else if (lost !== undefined) conditions.push({ ...noNode, ...lost });
  const lasting = (before.conditions ?? []).filter((condition) => !isOver(condition, observed));
  const merged = mergeConditions(lasting, conditions, now);
  return {
    ...after,
    ...explanationOf(status, observed),
    ...(merged.length > 0 && { conditions: merged }),
  };
}

/** A failure to create what then was there without us: the Node of a static machine. */
function isOver({ type, status }: ProviderCondition, { failure, isDeleting }: Observed): boolean {
  return type === notCreated.type && status === notCreated.status && !failure && !isDeleting;
}

const created = {
  type: 'MachineCreation',
  status: 'True',
  reason: 'MachineCreationSucceeded',
  message: 'machine successfully created',
} as const;
const notCreated = {
  type: 'MachineCreation',
  status: 'False',
  reason: 'MachineCreationFailed',
} as const;
const notRunning = { type: 'InstanceRunning', status: 'False', reason: 'PodMissing' } as const;

const nodeFound = {
  type: 'NodeRegistered',
  status: 'True',
  reason: 'NodeFound',
  message: 'the Node carries the provider ID',
} as const;
const noNode = { type: 'NodeRegistered', status: 'False' } as const;

function instanceRunning(
  pod: Pod,
): Omit<ProviderCondition, 'lastProbeTime' | 'lastTransitionTime'> {
  const problem = instanceProblem(pod);
  return problem === undefined
    ? { type: 'InstanceRunning', status: 'True', reason: 'PodRunning', message: 'kubemark runs' }
    : { type: 'InstanceRunning', status: 'False', ...problem };
}

/** `lastTransitionTime` moves with the status only, `lastProbeTime` with any change. */
function mergeConditions(
  before: ProviderCondition[],
  observed: Omit<ProviderCondition, 'lastProbeTime' | 'lastTransitionTime'>[],
  now: string,
): ProviderCondition[] {
  const merged = new Map(before.map((condition) => [condition.type, condition]));
  for (const condition of observed) {
    const old = merged.get(condition.type);
    const isSame =
      old?.status === condition.status &&
      old.reason === condition.reason &&
      old.message === condition.message;
    if (isSame) continue;
    const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : now;
    merged.set(condition.type, { ...condition, lastProbeTime: now, lastTransitionTime });
  }
  return [...merged.values()];
}

function withoutUndefined(status: { [Key in keyof MachineStatus]: unknown }): MachineStatus {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== undefined));
}
