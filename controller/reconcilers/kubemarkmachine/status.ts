/** What a KubemarkMachine's status says: a pure function of what was seen. */
import { pausedCondition } from '#api/cluster-api/paused.ts';
import type { Pod } from '#api/core.ts';
import type { Condition } from '#api/infrastructure/v1alpha4/contract.ts';
import type { KubemarkMachineStatus } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { instanceProblem } from '#controller/hollow-pod/instance.ts';
import { setCondition } from '#runtime/conditions.ts';

export interface Observed {
  generation: number | undefined;
  isDeleting: boolean;
  /** What it waits for, or why it failed. */
  problem: { reason: string; message: string; isFinal: boolean } | undefined;
  pod: Pod | undefined;
  nodeName: string;
  zone: string | undefined;
  isInterruptible: boolean;
}

/** @param now RFC 3339 */
export function summarize(
  before: KubemarkMachineStatus,
  observed: Observed,
  now: string,
): KubemarkMachineStatus {
  const { pod, problem, isDeleting } = observed;
  const podProblem = pod && instanceProblem(pod);
  const isRunning = pod !== undefined && podProblem === undefined && !problem && !isDeleting;
  const isProvisioned = before.initialization?.provisioned === true || isRunning;
  const ready = readiness(observed, isRunning, podProblem);
  const { failureReason: _, failureMessage: __, ...rest } = before;
  return {
    ...rest,
    ready: isProvisioned,
    initialization: { provisioned: isProvisioned },
    ...(isProvisioned && { addresses: addressesOf(observed) }),
    ...(observed.zone && { failureDomain: observed.zone }),
    ...(observed.isInterruptible && { interruptible: true }),
    ...(pod && { pod: podStatus(pod) }),
    ...(problem?.isFinal && { failureReason: problem.reason, failureMessage: problem.message }),
    conditions: [ready, pausedCondition(undefined)].reduce(
      (conditions, condition) =>
        setCondition(conditions, { ...condition, ...version(observed) }, now),
      before.conditions ?? [],
    ),
  };
}

type Wanted = Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>;

/**
 * The one condition that is written while nobody may touch the machine; nothing else is. It tells of
 * no generation: whatever is changed meanwhile is not looked at.
 */
export function summarizePause(
  before: KubemarkMachineStatus,
  why: string,
  now: string,
): KubemarkMachineStatus {
  const conditions = setCondition(before.conditions ?? [], pausedCondition(why), now);
  return { ...before, conditions };
}

function readiness(
  { isDeleting, problem, pod, nodeName }: Observed,
  isRunning: boolean,
  podProblem: { reason: string; message: string } | undefined,
): Wanted {
  if (isRunning) {
    return {
      type: 'Ready',
      status: 'True',
      reason: 'Provisioned',
      message: 'The hollow node runs',
    };
  }
  const no = { type: 'Ready', status: 'False' };
  if (problem !== undefined) {
    const { message } = problem;
    return isDeleting
      ? { ...no, reason: 'Deleting', message: `${problem.reason}: ${message}` }
      : { ...no, reason: problem.reason, message };
  }
  if (isDeleting) return { ...no, reason: 'Deleting', message: 'The machine goes' };
  if (pod !== undefined && podProblem !== undefined) return { ...no, ...podProblem };
  return { ...no, reason: 'NotProvisioned', message: `there is no Pod ${nodeName}` };
}

function addressesOf({ nodeName, pod }: Observed): NonNullable<KubemarkMachineStatus['addresses']> {
  const { podIP } = pod?.status ?? {};
  const own = { type: 'Hostname', address: nodeName };
  return podIP ? [own, { type: 'InternalIP', address: podIP }] : [own];
}

function podStatus({ metadata, spec, status }: Pod): NonNullable<KubemarkMachineStatus['pod']> {
  const { namespace = '', name = '' } = metadata;
  const image = spec?.containers[0]?.image;
  return {
    namespace,
    name,
    phase: status?.phase ?? 'Pending',
    ...(spec?.nodeName && { nodeName: spec.nodeName }),
    ...(image && { image }),
  };
}

function version({ generation }: Pick<Observed, 'generation'>): { observedGeneration?: number } {
  return generation === undefined ? {} : { observedGeneration: generation };
}
