/** What a drain says of itself, and how soon it looks again: both from its last condition. */
import type { Pod } from '#api/core.ts';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import { MachineCondition } from '../conditions.ts';
import type { Explanation } from '../explanation.ts';
import { listed } from '../listed.ts';
import type { Refusal } from './evict.ts';
import type { Exemption } from './plan.ts';

/** Of the condition `Drained`. */
export const DrainReason = {
  /** False: Pods go, or will. */
  draining: 'Draining',
  /** False: nothing has changed for some time, and evictions are refused. */
  blocked: 'DrainBlocked',
  succeeded: 'DrainSucceeded',
  /** True, at the first look. */
  nothingToEvict: 'NothingToEvict',
  skipped: 'DrainSkipped',
} as const;
export type DrainReason = (typeof DrainReason)[keyof typeof DrainReason];

export interface Progress {
  left: readonly Pod[];
  refusals: readonly Refusal[];
}

const second = 1000;
/** What nobody needs to hear of: a budget lets the next Pod go when another has become Ready elsewhere. */
const ordinaryWait = 10 * second;
const shortestPause = 1 * second;
const longestPause = 20 * second;

/** The condition `Drained` of a drain that goes on. */
export function drainingCondition(
  before: Condition | undefined,
  { left, refusals }: Progress,
  now: number,
): Omit<Condition, 'lastTransitionTime'> & Explanation {
  const total = totalOf(before, left.length);
  const message = `${left.length} of ${total} Pods left${explanation(left, refusals)}`;
  const isStill = before?.message === message;
  const isLasting =
    before?.reason === DrainReason.blocked || unchangedFor(before, now) >= ordinaryWait;
  const isBlocked = refusals.length > 0 && isStill && isLasting;
  return {
    type: MachineCondition.drained,
    status: 'False',
    severity: isBlocked ? 'Warning' : 'Info',
    reason: isBlocked ? DrainReason.blocked : DrainReason.draining,
    message,
  };
}

/** How many Pods there were: told in the last message, so that a restart does not forget it. */
export function totalOf(before: Condition | undefined, left: number): number {
  const [, total] = /^\d+ of (\d+) Pods left/.exec(before?.message ?? '') ?? [];
  return Math.max(Number(total ?? 0), left);
}

/** Milliseconds until the next look: soon while things happen, seldom when nothing has for long. */
export function pauseAfter(condition: Condition | undefined, now: number): number {
  return Math.min(Math.max(unchangedFor(condition, now) / 10, shortestPause), longestPause);
}

function unchangedFor(condition: Condition | undefined, now: number): number {
  const since = Date.parse(condition?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? 0 : now - since;
}

function explanation(left: readonly Pod[], refusals: readonly Refusal[]): string {
  const budgets = new Set(refusals.flatMap(({ budget }) => budget ?? []));
  if (budgets.size > 0) {
    const kind = `PodDisruptionBudget${budgets.size === 1 ? '' : 's'}`;
    return `, blocked by ${kind} ${listed([...budgets])}`;
  }
  const [refusal] = refusals;
  if (refusal !== undefined) return `, eviction of ${refusal.pod} refused: ${refusal.message}`;
  const ending = left.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  return ending.length === 0 ? '' : `, ending: ${listed(ending.map(nameOf))}`;
}

function nameOf(pod: Pod): string {
  const { finalizers = [] } = pod.metadata;
  const name = formatKey(keyOf(pod));
  return finalizers.length === 0 ? name : `${name} (held by ${finalizers.join(', ')})`;
}

const exemptionTexts: Record<Exemption, string> = {
  Finished: 'finished',
  Mirror: 'mirror',
  DaemonSet: 'of DaemonSets',
  Returned: 'that tolerate the cordon',
  Overdue: 'that nobody ends',
};

/** `; not waited for: 2 of DaemonSets, 1 mirror`, or nothing. */
export function exemptionsText(exempt: ReadonlyMap<Exemption, number>): string {
  if (exempt.size === 0) return '';
  const parts = [...exempt].map(([exemption, count]) => `${count} ${exemptionTexts[exemption]}`);
  return `; not waited for: ${parts.toSorted().join(', ')}`;
}
