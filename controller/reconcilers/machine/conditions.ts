/** The conditions in a Machine's status, kept as the machine-api-operator keeps them. */
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';

export const MachineCondition = {
  /** The drain is over; whoever writes `True` spares us the drain. */
  drained: 'Drained',
  /** No preDrain hook holds the drain: since when it goes on. */
  drainable: 'Drainable',
  /** No preTerminate hook holds the end of the instance. */
  terminable: 'Terminable',
} as const;
export type MachineCondition = (typeof MachineCondition)[keyof typeof MachineCondition];

export function findCondition(
  conditions: readonly Condition[],
  type: MachineCondition,
): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/**
 * Puts a condition in its place, in order of the types. `lastTransitionTime` moves with any change, the
 * message's too: so it tells how long nothing has happened.
 */
export function setCondition(
  conditions: Condition[],
  condition: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): void {
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const { lastTransitionTime: _, ...before } = conditions[index] ?? {};
  if (isDeepEqual(before, condition)) return;
  conditions.splice(index < 0 ? conditions.length : index, index < 0 ? 0 : 1, {
    ...condition,
    lastTransitionTime: now,
  });
  conditions.sort((a, b) => (a.type < b.type ? -1 : 1));
}
