/** Which Pods of a Node a drain is about. Decides by the Pods alone: their owners are not read. */
import type { Node, Pod } from '#api/core.ts';
import { isFinished } from '#controller/hollow-pod/instance.ts';

/** `Unreachable`: no kubelet is there, or none that can be heard. */
export type NodeHealth = 'Ready' | 'NotReady' | 'Unreachable';

export interface Situation {
  /** Milliseconds since the epoch, as `startedAt`. */
  readonly now: number;
  /** When the first Pods were asked to go. */
  readonly startedAt: number;
  readonly health: NodeHealth;
}

/** Why a Pod does not hold up the drain. */
export const Exemption = {
  /** It has ended: there is nothing to disrupt. */
  finished: 'Finished',
  /** A file on the node makes it, not the API server. */
  mirror: 'Mirror',
  /** Its DaemonSet would put the next one on the same Node, cordon or not. */
  daemonSet: 'DaemonSet',
  /** It came in the middle of the drain because it tolerates the cordon, as the one after it would. */
  returned: 'Returned',
  /** Its time to end is over, and the Node is not one that ends Pods. */
  overdue: 'Overdue',
} as const;
export type Exemption = (typeof Exemption)[keyof typeof Exemption];

export interface DrainPlan {
  /** Those that the drain waits for. */
  readonly left: readonly Pod[];
  /** Those of them that have to be asked to go. */
  readonly toEvict: readonly Pod[];
  readonly exempt: ReadonlyMap<Exemption, number>;
}

/** Milliseconds that a Pod of a Node that is not Ready may be late. */
const patience = 1000;
/** Seconds for Pods that no kubelet will end. */
export const shortGrace = 1;

export function planDrain(pods: readonly Pod[], situation: Situation): DrainPlan {
  const left: Pod[] = [];
  const exempt = new Map<Exemption, number>();
  for (const pod of pods) {
    const exemption = exemptionOf(pod, situation);
    if (exemption === undefined) left.push(pod);
    else exempt.set(exemption, (exempt.get(exemption) ?? 0) + 1);
  }
  return { left, exempt, toEvict: left.filter((pod) => hasToBeAsked(pod, situation)) };
}

/** @param hasInstance whether the machine has a Pod that runs its kubelet, or will again */
export function healthOf(node: Node, hasInstance: boolean): NodeHealth {
  const ready = node.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  if (!hasInstance || ready === 'Unknown') return 'Unreachable';
  return ready === 'True' ? 'Ready' : 'NotReady';
}

function exemptionOf(pod: Pod, situation: Situation): Exemption | undefined {
  if (isFinished(pod)) return Exemption.finished;
  if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
    return Exemption.mirror;
  }
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner?.kind === 'DaemonSet') return Exemption.daemonSet;
  if (isOverdue(pod, situation)) return Exemption.overdue;
  const { creationTimestamp = '' } = pod.metadata;
  const isLater = Date.parse(creationTimestamp) > situation.startedAt;
  return isLater && toleratesCordon(pod) ? Exemption.returned : undefined;
}

/** As `kubectl drain --skip-wait-for-delete-timeout`. */
function isOverdue({ metadata }: Pod, { now, health }: Situation): boolean {
  const { deletionTimestamp } = metadata; // of a Pod: when its grace ends
  if (deletionTimestamp === undefined || health === 'Ready') return false;
  return now - Date.parse(deletionTimestamp) > patience;
}

/** A Pod that was given long to end is asked once more when nobody is there to end it. */
function hasToBeAsked({ metadata }: Pod, { now, health }: Situation): boolean {
  const { deletionTimestamp } = metadata;
  if (deletionTimestamp === undefined) return true;
  const rest = Date.parse(deletionTimestamp) - now;
  return health === 'Unreachable' && rest > 2 * shortGrace * 1000;
}

const cordonTaint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

/** The taint has no value, so that only `Exists` and an empty value fit. */
function toleratesCordon({ spec }: Pod): boolean {
  return (spec?.tolerations ?? []).some(
    ({ key = '', operator = 'Equal', value = '', effect = '' }) =>
      (key === cordonTaint.key || (key === '' && operator === 'Exists')) &&
      (effect === cordonTaint.effect || effect === '') &&
      (operator === 'Exists' || value === ''),
  );
}
