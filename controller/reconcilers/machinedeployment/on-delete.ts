import { sumOf } from './rollout.ts';
import type { Rollout, Scaling } from './rollout.ts';

/**
 * A Machine is replaced when somebody deletes it. Old sets are told not to create any (machine-set.ts),
 * so what they lose is what the new set gets.
 */
export function planOnDelete({ replicas, newSet, oldSets }: Rollout): Scaling[] {
  if (newSet === undefined) return [];
  const kept = sumOf(oldSets, ({ desired, current }) => Math.min(desired, current));
  let surplus = kept + newSet.desired - replicas;
  const scalings: Scaling[] = [];
  for (const set of oldSets) {
    const remaining = Math.min(set.desired, set.current);
    const taken = Math.max(0, Math.min(remaining, surplus));
    surplus -= taken;
    if (remaining - taken === set.desired) continue;
    const because = taken > 0 ? `${replicas} are wanted` : `${set.desired - remaining} deleted`;
    scalings.push({ set, to: remaining - taken, because });
  }
  // Machines that an old set still has to get rid of leave no room yet.
  const old = sumOf(oldSets, ({ current }) => current);
  const room = Math.max(newSet.desired, replicas - old);
  const to = Math.min(room, newSet.desired - surplus);
  const because = `${replicas} are wanted, ${old} are old`;
  if (to !== newSet.desired) scalings.push({ set: newSet, to, because });
  return scalings;
}
