/** How far a rollout is: the condition Progressing, as Deployments have it. */
import {
  DeploymentStrategy,
  type DeploymentCondition,
} from '#api/machine/v1beta1/machine-deployment.ts';
import { timestamp } from '#api/timestamp.ts';
import { allSets, sumOf, type Rollout } from './rollout.ts';

export const progressing = 'Progressing';

/** Reasons of the condition. */
export const ProgressReason = {
  updated: 'MachineSetUpdated',
  available: 'NewMachineSetAvailable',
  deadlineExceeded: 'ProgressDeadlineExceeded',
  waitingForDeletion: 'WaitingForDeletion',
  paused: 'DeploymentPaused',
  resumed: 'DeploymentResumed',
} as const;

export interface Failure {
  /** A word for programs, stable. */
  reason: string;
  /** A sentence for people. */
  message: string;
  /** The user must change something; absent: it is tried again. */
  isFinal?: boolean;
}

export interface Progress {
  readonly rollout: Rollout;
  /** Whether there are more new or fewer old Machines than at the last time. */
  readonly hasMoved: boolean;
  readonly failure: Failure | undefined;
  /** Milliseconds without progress after which a rollout counts as failed. */
  readonly deadline: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Whether every Machine is of the present template and available. */
export function isComplete(rollout: Rollout): boolean {
  const { newSet, replicas } = rollout;
  const sets = allSets(rollout);
  return (
    newSet !== undefined &&
    sets.every(({ isObserved }) => isObserved) &&
    isUpToDate(rollout) &&
    newSet.desired === replicas &&
    newSet.current === replicas &&
    newSet.available === replicas
  );
}

/** The condition that follows on `known`. A time moves only when there is something to tell. */
export function nextProgress(
  known: DeploymentCondition | undefined,
  progress: Progress,
): DeploymentCondition {
  const next = describe(known, progress);
  const isNews = known?.reason !== next.reason || known.message !== next.message;
  if (known !== undefined && !isNews && !next.isMovement) return known;
  const now = timestamp(progress.now);
  const isTransition = known?.status !== next.status;
  const { status, reason, message } = next;
  return {
    type: progressing,
    status,
    lastTransitionTime: isTransition ? now : (known.lastTransitionTime ?? now),
    // Not when time runs out: that is the contrary of progress.
    lastUpdateTime:
      reason === ProgressReason.deadlineExceeded ? (known?.lastUpdateTime ?? now) : now,
    reason,
    message,
  };
}

/** Milliseconds until the rollout counts as failed if nothing moves; undefined: it does not. */
export function untilDeadline(
  condition: DeploymentCondition,
  { deadline, now }: Pick<Progress, 'deadline' | 'now'>,
): number | undefined {
  const { reason, lastUpdateTime } = condition;
  if (reason !== ProgressReason.updated && reason !== ProgressReason.resumed) return undefined;
  return Math.max(0, Date.parse(lastUpdateTime ?? '') + deadline - now);
}

interface Description {
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  /** Time without progress begins anew. */
  isMovement?: boolean;
}

function describe(known: DeploymentCondition | undefined, progress: Progress): Description {
  const { rollout, hasMoved, failure } = progress;
  if (failure !== undefined) {
    return { status: 'False', reason: failure.reason, message: failure.message };
  }
  if (rollout.isPaused) {
    const message = 'A new template waits until the deployment is resumed';
    return { status: 'Unknown', reason: ProgressReason.paused, message };
  }
  const set = `MachineSet ${rollout.newSet?.name ?? ''}`;
  const finished = finishedWith(set);
  // Once it has come to its end, Nodes that come and go are no rollout.
  const wasFinished = known?.reason === finished.reason && known.message === finished.message;
  if (isComplete(rollout) || (wasFinished && isUpToDate(rollout))) return finished;
  if (rollout.strategy === DeploymentStrategy.onDelete && !isUpToDate(rollout)) {
    const old = sumOf(rollout.oldSets, ({ current }) => current);
    const message = `${old} Machines of former templates are replaced when they are deleted`;
    return { status: 'True', reason: ProgressReason.waitingForDeletion, message };
  }
  const updated = { reason: ProgressReason.updated, message: `${set} is being rolled out` };
  if (hasMoved) return { status: 'True', ...updated, isMovement: true };
  return withoutMovement(known, progress, { status: 'True', ...updated });
}

/** Reasons of a rollout that has begun. */
const ongoing: ReadonlySet<string> = new Set([
  ProgressReason.updated,
  ProgressReason.deadlineExceeded,
  ProgressReason.paused,
  ProgressReason.resumed,
]);

function withoutMovement(
  known: DeploymentCondition | undefined,
  progress: Progress,
  updated: Description,
): Description {
  if (known?.reason === undefined || !ongoing.has(known.reason)) return updated; // another rollout
  const isLate = untilDeadline(known, progress) === 0;
  if (isLate || known.reason === ProgressReason.deadlineExceeded) {
    const seconds = progress.deadline / 1000;
    const { name = '', available = 0 } = progress.rollout.newSet ?? {};
    const state = `${available} of ${progress.rollout.replicas} Machines are available`;
    const message = `MachineSet ${name} made no progress for ${seconds} s: ${state}`;
    return { status: 'False', reason: ProgressReason.deadlineExceeded, message };
  }
  if (known.reason === ProgressReason.updated) return updated;
  const message = 'The deployment was resumed';
  return { status: 'Unknown', reason: ProgressReason.resumed, message };
}

function finishedWith(set: string): Description {
  const message = `All Machines are of ${set} and were available`;
  return { status: 'True', reason: ProgressReason.available, message };
}

/** Whether no Machine is of a former template. */
function isUpToDate({ oldSets }: Rollout): boolean {
  return oldSets.every(({ desired, current }) => desired === 0 && current === 0);
}
