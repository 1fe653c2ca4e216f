import { allSets, isActive, sumOf } from './rollout.ts';
import type { Rollout, Scaling, SetState } from './rollout.ts';

/** Whether the number of replicas has changed since the sets were scaled. */
export function isScalingEvent(rollout: Rollout): boolean {
  return allSets(rollout)
    .filter(isActive)
    .some(({ scaledFor }) => scaledFor !== undefined && scaledFor.replicas !== rollout.replicas);
}

/**
 * Another number of replicas in the middle of a rollout, or of a pause, is spread over all sets in
 * proportion: a bad template does not get more than its share
 * (kubernetes, pkg/controller/deployment/sync.go).
 */
export function planProportionally(rollout: Rollout): Scaling[] {
  const { replicas, maxSurge } = rollout;
  const sets = allSets(rollout);
  if (sets.some(({ desired, current }) => current > desired)) return []; // they still shrink
  const active = sets.filter(isActive);
  const [only = sets.at(-1), second] = active;
  if (only === undefined) return [];
  if (second === undefined) {
    if (only.desired === replicas) return [];
    return [{ set: only, to: replicas, because: `${replicas} are wanted` }];
  }
  const most = replicas === 0 ? 0 : replicas + maxSurge;
  const because = `a share of ${most} for ${replicas} wanted`;
  // Also those that stay as they are: now they are what this number of replicas asks for.
  return spread(active, most).map((share) => ({ ...share, because }));
}

/** The largest first, where what rounding leaves over matters least. */
function spread(active: readonly SetState[], most: number): Pick<Scaling, 'set' | 'to'>[] {
  let rest = most - sumOf(active, ({ desired }) => desired);
  const isGrowing = rest > 0;
  const shares = (isGrowing ? active.toReversed() : active)
    .toSorted((one, other) => other.desired - one.desired)
    .map((set) => {
      const target = Math.round((set.desired * most) / (set.scaledFor?.most ?? most));
      const change = target - set.desired;
      const share = isGrowing ? clamp(change, 0, rest) : clamp(change, rest, 0);
      rest -= share;
      return { set, to: set.desired + share };
    });
  return shares.map(({ set, to }) => {
    const extra = Math.max(rest, -to);
    rest -= extra;
    return { set, to: to + extra };
  });
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
