import type { ConditionValue } from '#api/faults/conditions.ts';
import type { Fault } from '#api/faults/decode.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { desiredConditions } from '../conditions.ts';
import { FaultSchedule } from '../fault-schedule.ts';

/** What a node says about itself when it starts. */
export function conditionsOf(faults: readonly Fault[]): ConditionValue[] {
  const clock = new FakeClock();
  return desiredConditions(new FaultSchedule(faults, clock, clock.monotonic()));
}
