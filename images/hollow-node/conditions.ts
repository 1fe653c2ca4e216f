import type { ConditionValue } from '#api/faults/conditions.ts';
import { healthyConditions } from '#api/faults/conditions.ts';
import type { FaultSchedule } from './fault-schedule.ts';

/**
 * The conditions of the Node now: a kubelet's in its order, but Ready last, after those that only
 * faults name.
 */
export function desiredConditions(
  faults: Pick<FaultSchedule, 'foreign' | 'now'>,
): ConditionValue[] {
  const values = [
    ...healthyConditions.slice(0, -1),
    ...faults.foreign,
    ...healthyConditions.slice(-1),
    ...faults.now().conditions, // take the places of the others
  ];
  return [...new Map(values.map((value) => [value.type, value])).values()];
}
