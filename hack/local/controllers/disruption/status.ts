import type { Pod, PodDisruptionBudget } from '#api/core.ts';
import { isDeleting } from '../objects/metadata.ts';
import { findCondition, isPodReady } from '../objects/pod.ts';
import type { Budget } from './budget.ts';
import { computeBudget, needsScale } from './budget.ts';

type Status = NonNullable<PodDisruptionBudget['status']>;
/** When the API server granted an eviction, by Pod name. */
export type DisruptedPods = Readonly<Record<string, string>>;

/** Milliseconds after a granted eviction until we no longer believe that the Pod is going. */
const deletionTimeout = 2 * 60_000;

/** Granted evictions that no deletion has shown yet: those Pods still look healthy but are not. */
export function pendingDisruptions(
  granted: DisruptedPods = {},
  pods: readonly Pod[],
  now: number,
): DisruptedPods {
  const staying = new Set(
    pods.filter((pod) => !isDeleting(pod)).map(({ metadata }) => metadata.name),
  );
  return Object.fromEntries(
    Object.entries(granted).filter(
      ([name, time]) => staying.has(name) && Date.parse(time) + deletionTimeout > now,
    ),
  );
}

/** Milliseconds until the first of them is no longer believed. */
export function nextExpiry(pending: DisruptedPods, now: number): number | undefined {
  const times = Object.values(pending).map((time) => Date.parse(time) + deletionTimeout - now);
  return times.length === 0 ? undefined : Math.min(...times);
}

/**
 * The status of a budget. When the scale cannot be told, nothing may be disrupted and the condition
 * says why.
 *
 * @param totalScale the replicas of the Pods' controllers; asked only where the budget needs it
 */
export function budgetStatus(
  budget: PodDisruptionBudget,
  pods: readonly Pod[],
  disruptedPods: DisruptedPods,
  totalScale: () => number,
  now: string,
): Status {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const healthy = pods.filter(
    (pod) => !isDeleting(pod) && isPodReady(pod) && !((pod.metadata.name ?? '') in disruptedPods),
  ).length;
  const limits = {
    ...(minAvailable !== undefined && { minAvailable }),
    ...(maxUnavailable !== undefined && { maxUnavailable }),
  };
  try {
    const scale = needsScale(limits) ? totalScale() : 0;
    const computed = computeBudget({ ...limits, pods: pods.length, healthy, scale });
    const isAllowed = computed.disruptionsAllowed > 0;
    const reason = isAllowed ? 'SufficientPods' : 'InsufficientPods';
    return assemble(budget, computed, disruptedPods, { isAllowed, reason, message: '', now });
  } catch (error) {
    const { expectedPods = 0, desiredHealthy = 0, currentHealthy = 0 } = budget.status ?? {};
    const unknown = { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed: 0 };
    const message = error instanceof Error ? error.message : String(error);
    const failure = { isAllowed: false, reason: 'SyncFailed', message, now };
    return assemble(budget, unknown, disruptedPods, failure);
  }
}

function assemble(
  { metadata, status: before }: PodDisruptionBudget,
  computed: Budget,
  disruptedPods: DisruptedPods,
  verdict: { isAllowed: boolean; reason: string; message: string; now: string },
): Status {
  const { isAllowed, reason, message, now } = verdict;
  const observedGeneration = metadata.generation ?? 0;
  const status = isAllowed ? 'True' : 'False';
  const known = findCondition(before?.conditions, 'DisruptionAllowed');
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
  const condition = { status, reason, message, lastTransitionTime, observedGeneration };
  const others = (before?.conditions ?? []).filter(({ type }) => type !== 'DisruptionAllowed');
  return {
    ...computed,
    observedGeneration,
    conditions: [...others, { type: 'DisruptionAllowed', ...condition }],
    ...(Object.keys(disruptedPods).length > 0 && { disruptedPods }),
  };
}
