/** The status of a Pod as a kubelet computes it from what the runtime reports: pure. */
import type { Pod } from '#api/core.ts';
import { mergePatch } from '#runtime/client/merge-patch.ts';
import type { ContainerStatus, PodReport, PodStatus } from './pod-runtime.ts';
import { sameFields } from './same-fields.ts';

type PodCondition = NonNullable<PodStatus['conditions']>[number];
type ConditionValue = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;
export type PodPhase = 'Pending' | 'Running' | 'Succeeded' | 'Failed';

export interface PodStatusInput {
  readonly pod: Pod;
  readonly report: PodReport;
  /** The node's address. */
  readonly hostIP: string;
  /** The containers were stopped for good: nothing restarts them. */
  readonly isStopped: boolean;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

/** The parts of a patch of a Pod's status. */
interface ObjectPatch {
  metadata: { uid: string | undefined };
  status: object;
}

export function isFinished({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/**
 * The strategic merge patch that brings the stored status to what the runtime reports: only what
 * changed; `undefined` when nothing did. It names the uid, so that it never reaches a later Pod of the
 * same name.
 */
export function podStatusPatch(input: PodStatusInput): ObjectPatch | undefined {
  const { pod, report, hostIP, now } = input;
  const before = pod.status ?? {};
  const podIP = pod.spec?.hostNetwork === true ? hostIP : report.podIP;
  const desired = {
    phase: phaseOf(input),
    hostIP,
    hostIPs: [{ ip: hostIP }],
    startTime: before.startTime ?? now,
    ...(podIP !== undefined && { podIP, podIPs: [{ ip: podIP }] }),
    containerStatuses: report.containers,
    ...(report.initContainers?.length && { initContainerStatuses: report.initContainers }),
  };
  const changed = mergePatch(sameFields(before, desired), desired);
  const conditions = changedConditions(before.conditions ?? [], desiredConditions(input), now);
  if (changed === undefined && conditions.length === 0) return undefined;
  return {
    metadata: { uid: pod.metadata.uid },
    status: { ...changed, ...(conditions.length > 0 && { conditions }) },
  };
}

/** The kubelet's rules (`getPhase` in pkg/kubelet/kubelet_pods.go). */
export function phaseOf({
  pod,
  report,
  isStopped,
}: Omit<PodStatusInput, 'hostIP' | 'now'>): PodPhase {
  if (!areInitialized(report)) return 'Pending';
  const states = report.containers.map(stateOf);
  if (states.includes('waiting')) return 'Pending';
  if (states.includes('running')) return 'Running';
  const restartPolicy = pod.spec?.restartPolicy ?? 'Always';
  if (restartPolicy === 'Always' && !isStopped) return 'Running';
  if (!states.includes('failed')) return 'Succeeded';
  return restartPolicy === 'OnFailure' && !isStopped ? 'Running' : 'Failed';
}

/** A container that waits for its restart counts as ended, as it did before. */
function stateOf({
  state,
  lastState,
}: ContainerStatus): 'waiting' | 'running' | 'exited' | 'failed' {
  if (state?.running) return 'running';
  const terminated = state?.terminated ?? lastState?.terminated;
  if (!terminated) return 'waiting';
  return terminated.exitCode === 0 ? 'exited' : 'failed';
}

function areInitialized({ initContainers = [] }: PodReport): boolean {
  return initContainers.every((status) => isInitialized(status));
}

function isInitialized({ state, started }: ContainerStatus): boolean {
  return state?.terminated?.exitCode === 0 || (state?.running !== undefined && started === true);
}

function desiredConditions(input: PodStatusInput): ConditionValue[] {
  const { report } = input;
  const unready = report.containers.filter(({ ready }) => !ready).map(({ name }) => name);
  const phase = phaseOf(input);
  const containersReady: Omit<ConditionValue, 'type'> =
    phase === 'Succeeded'
      ? { status: 'False', reason: 'PodCompleted' }
      : unready.length === 0
        ? { status: 'True' }
        : {
            status: 'False',
            reason: 'ContainersNotReady',
            message: `containers with unready status: [${unready.join(' ')}]`,
          };
  const pending = (report.initContainers ?? []).filter((status) => !isInitialized(status));
  return [
    pending.length === 0
      ? { type: 'Initialized', status: 'True' }
      : {
          type: 'Initialized',
          status: 'False',
          reason: 'ContainersNotInitialized',
          message: `containers with incomplete status: [${pending.map(({ name }) => name).join(' ')}]`,
        },
    { type: 'Ready', ...containersReady },
    { type: 'ContainersReady', ...containersReady },
    { type: 'PodScheduled', status: 'True' }, // the Pod may have named its node itself
  ];
}

/** A transition is now where the status differs from the stored one, and stays what it was otherwise. */
function changedConditions(
  before: readonly PodCondition[],
  desired: readonly ConditionValue[],
  now: string,
): object[] {
  return desired.flatMap((condition) => {
    const old: Partial<PodCondition> = before.find(({ type }) => type === condition.type) ?? {};
    const { status, reason, message } = condition;
    const isSame = old.status === status;
    const lastTransitionTime = (isSame ? old.lastTransitionTime : undefined) ?? now;
    const value = { type: condition.type, status, reason, message, lastTransitionTime };
    const change = mergePatch(sameFields(old, value), value);
    return change === undefined ? [] : [{ type: condition.type, ...change }];
  });
}
