import type { MachineSetStatus } from '#api/machine/v1beta1/machine-set.ts';
import type { SetEvent } from './events.ts';
import type { Failure } from './status.ts';

/** The event to record, once, when `after` has been stored in the place of `before`. */
export function newsIn(
  before: MachineSetStatus,
  after: MachineSetStatus,
  failure: Failure | undefined,
): SetEvent[] {
  if (failure === undefined || explanationOf(before) === explanationOf(after)) return [];
  return [{ type: 'Warning', reason: failure.reason, message: failure.message }];
}

function explanationOf({ conditions = [] }: MachineSetStatus): string | undefined {
  return conditions.find(({ type }) => type === 'ReplicaFailure')?.message;
}
