import type { ConditionValue } from '#api/faults/conditions.ts';
import { faultyConditions, foreignConditions, healthyConditions } from '#api/faults/conditions.ts';
import type { Fault } from '#api/faults/decode.ts';

/**
 * The conditions of the Node while `active` of its `faults` are: a kubelet's in its order, but Ready
 * last, after those that only faults name.
 */
export function desiredConditions(
  faults: readonly Fault[],
  active: readonly Fault[],
): ConditionValue[] {
  const values = [
    ...healthyConditions.slice(0, -1),
    ...foreignConditions(faults),
    ...healthyConditions.slice(-1),
  ];
  const conditions = new Map(values.map((value) => [value.type, value]));
  for (const value of faultyConditions(active)) conditions.set(value.type, value);
  return [...conditions.values()];
}
