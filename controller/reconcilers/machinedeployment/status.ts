/** The status of a MachineDeployment as a pure function of what was observed. */
import type {
  DeploymentCondition,
  MachineDeployment,
  MachineDeploymentStatus,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet, MachineSetStatus } from '#api/machine/v1beta1/machine-set.ts';
import { timestamp } from '#api/timestamp.ts';
import { formatSelector } from '#runtime/label-selector.ts';
import { desiredReplicas } from './machine-set.ts';
import { nextProgress, progressing, untilDeadline, type Failure } from './progress.ts';
import type { Rollout } from './rollout.ts';

export interface Observed {
  readonly newSet: MachineSet | undefined;
  readonly all: readonly MachineSet[];
  readonly rollout: Rollout;
  readonly failure: Failure | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const availableType = 'Available';
/** Seconds */
const defaultDeadline = 600;

export function summarize(
  deployment: MachineDeployment,
  observed: Observed,
): MachineDeploymentStatus {
  const { status: before = {}, spec, metadata } = deployment;
  const { newSet, all, rollout, failure, now } = observed;
  const available = total(all, ({ availableReplicas }) => availableReplicas);
  const desired = all.reduce((sum, set) => sum + desiredReplicas(set.spec), 0);
  const counts = {
    replicas: total(all, ({ replicas }) => replicas),
    updatedReplicas: newSet?.status?.replicas ?? 0,
    readyReplicas: total(all, ({ readyReplicas }) => readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, desired - available),
  };
  const known = before.conditions ?? [];
  const progress = nextProgress(find(known, progressing), {
    ...observed,
    hasMoved: hasMoved(before, counts),
    deadline: deadlineOf(deployment),
  });
  const availabilities = failure?.isFinal
    ? known.filter(({ type }) => type === availableType) // limits that make no sense tell nothing
    : [nextCondition(known, availability(rollout, available), now)];
  return {
    ...before,
    ...counts,
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(spec?.selector && { labelSelector: formatSelector(spec.selector) }),
    conditions: [...availabilities, progress, ...replicaFailures(newSet)],
  };
}

/** Milliseconds after which to look at the deployment without any change. */
export function nextDeadline(deployment: MachineDeployment, now: number): number | undefined {
  const condition = find(deployment.status?.conditions ?? [], progressing);
  return condition && untilDeadline(condition, { deadline: deadlineOf(deployment), now });
}

function deadlineOf({ spec }: MachineDeployment): number {
  return (spec?.progressDeadlineSeconds ?? defaultDeadline) * 1000;
}

type Counts = Required<
  Pick<
    MachineDeploymentStatus,
    'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'
  >
>;

/** More Machines of the new template, fewer of the old, or more that work (kubernetes, progress.go). */
function hasMoved(before: MachineDeploymentStatus, after: Counts): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: Partial<Counts>): number =>
    replicas - updatedReplicas;
  return (
    after.updatedReplicas > (before.updatedReplicas ?? 0) ||
    old(after) < old(before) ||
    after.readyReplicas > (before.readyReplicas ?? 0) ||
    after.availableReplicas > (before.availableReplicas ?? 0)
  );
}

type News = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

function availability({ replicas, maxUnavailable }: Rollout, available: number): News {
  const fewest = replicas - maxUnavailable;
  const isEnough = available >= fewest;
  return {
    type: availableType,
    status: isEnough ? 'True' : 'False',
    reason: isEnough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `${isEnough ? 'At least' : 'Fewer than'} ${Math.max(0, fewest)} Machines are available`,
  };
}

/** Why the new set gets no Machines, in its own words. */
function replicaFailures(newSet: MachineSet | undefined): DeploymentCondition[] {
  const { conditions = [] } = newSet?.status ?? {};
  return conditions.filter(({ type }) => type === 'ReplicaFailure');
}

function nextCondition(
  known: readonly DeploymentCondition[],
  next: News,
  now: number,
): DeploymentCondition {
  const before = find(known, next.type);
  const isTransition = before?.status !== next.status;
  const lastTransitionTime = isTransition ? timestamp(now) : before.lastTransitionTime;
  return { ...next, ...(lastTransitionTime !== undefined && { lastTransitionTime }) };
}

function find(
  conditions: readonly DeploymentCondition[],
  wanted: string,
): DeploymentCondition | undefined {
  return conditions.find(({ type }) => type === wanted);
}

function total(
  sets: readonly MachineSet[],
  count: (status: MachineSetStatus) => number | undefined,
): number {
  return sets.reduce((sum, { status = {} }) => sum + (count(status) ?? 0), 0);
}
