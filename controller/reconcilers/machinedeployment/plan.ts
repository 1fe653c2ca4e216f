import { planOnDelete } from './on-delete.ts';
import { isScalingEvent, planProportionally } from './proportional.ts';
import { planRollingUpdate } from './rolling-update.ts';
import { allSets, isActive } from './rollout.ts';
import type { Rollout, Scaling } from './rollout.ts';

/**
 * What to scale now.
 *
 * Guarantees, as long as sets delete Machines that are not available first: there are never more than
 * `replicas + maxSurge` Machines, and a rolling update never takes the available ones below `replicas -
 * maxUnavailable`. Both because nothing is planned before every set has told what it made of the last
 * plan: a set that was scaled up and down again in between may have more or fewer than either says. When
 * the number of replicas changes half way, it counts more than what is available.
 */
export function planScalings(rollout: Rollout): Scaling[] {
  const sets = allSets(rollout);
  if (!sets.every(({ isObserved }) => isObserved)) return [];
  const isMixed = sets.filter(isActive).length > 1;
  const isToBeSpread = isMixed && isScalingEvent(rollout);
  if (rollout.isPaused) return isToBeSpread || !isMixed ? planProportionally(rollout) : [];
  if (rollout.strategy === 'OnDelete') return planOnDelete(rollout);
  return isToBeSpread ? planProportionally(rollout) : planRollingUpdate(rollout);
}
