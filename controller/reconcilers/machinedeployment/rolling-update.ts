import { allSets, availableIn, existingIn, sumOf } from './rollout.ts';
import type { Rollout, Scaling, SetState } from './rollout.ts';

/** As fast as maxSurge and maxUnavailable allow (kubernetes, pkg/controller/deployment/rolling.go). */
export function planRollingUpdate(rollout: Rollout): Scaling[] {
  const { replicas, newSet } = rollout;
  if (newSet === undefined) return [];
  if (newSet.desired > replicas) {
    return [{ set: newSet, to: replicas, because: `${replicas} are wanted` }];
  }
  return [...growth(rollout, newSet), ...shrinking(rollout, newSet)];
}

/** The new set gets what there is room for. */
function growth(rollout: Rollout, newSet: SetState): Scaling[] {
  const { replicas, maxSurge } = rollout;
  const most = replicas + maxSurge;
  const existing = sumOf(allSets(rollout), existingIn);
  const added = Math.min(replicas - newSet.desired, most - existing);
  if (added <= 0) return [];
  return [{ set: newSet, to: newSet.desired + added, because: `${existing} of ${most} exist` }];
}

/**
 * Old sets give away what is not available, the oldest first, and what can be spared. Of the former
 * not more than there would be too many if all of it came back and nothing of the new set ever did.
 */
function shrinking({ replicas, maxUnavailable, oldSets }: Rollout, newSet: SetState): Scaling[] {
  const fewest = replicas - maxUnavailable;
  const available = sumOf([...oldSets, newSet], availableIn);
  const hoped = availableIn(newSet) + sumOf(oldSets, ({ desired }) => desired);
  let spareUnavailable = hoped - fewest;
  let spareAvailable = available - fewest;
  return oldSets.flatMap((set) => {
    const unavailable = clamp(set.desired - availableIn(set), spareUnavailable);
    spareUnavailable -= unavailable;
    const spared = clamp(availableIn(set), spareAvailable);
    spareAvailable -= spared;
    if (unavailable + spared === 0) return [];
    const because = [
      ...(unavailable > 0 ? [`${unavailable} not available`] : []),
      ...(spared > 0 ? [`${available} available, ${fewest} needed`] : []),
    ].join('; ');
    return [{ set, to: set.desired - unavailable - spared, because }];
  });
}

function clamp(count: number, most: number): number {
  return Math.max(0, Math.min(count, most));
}
