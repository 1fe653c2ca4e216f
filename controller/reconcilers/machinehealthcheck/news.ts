/** What the events of a health check say. */
import type { MachineHealthCheckStatus } from '#api/machine/v1beta1/machine-health-check.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Plan, Sick } from './plan.ts';
import { exemptionOf } from './remediate.ts';
import { allowedCondition } from './status.ts';

export interface Notice {
  /** The same as long as it is the same news. */
  readonly id: string;
  readonly machine: Machine;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

/** All there is to say about single Machines now. */
export function noticesOf({ waiting, unhealthy }: Plan): Notice[] {
  return [...waiting.map(detected), ...unhealthy.flatMap(skipped)];
}

function detected({ machine, problem, until = 0 }: Sick): Notice {
  const message = `Not healthy: ${problem.message}; to be replaced at ${timestamp(until)} if that lasts`;
  return notice(machine, 'Normal', 'DetectedUnhealthy', message);
}

function skipped({ machine, problem }: Sick): Notice[] {
  const exemption = exemptionOf(machine);
  if (exemption === undefined) return [];
  const message = `Not replaced, since ${exemption.because}: ${problem.message}`;
  return [notice(machine, 'Warning', exemption.reason, message)];
}

function notice(machine: Machine, type: Notice['type'], reason: string, message: string): Notice {
  return { id: `${machine.metadata.uid} ${reason} ${message}`, machine, type, reason, message };
}

/** Why nothing is replaced from now on, when `after` is stored in the place of `before`. */
export function refusalIn(
  before: MachineHealthCheckStatus | undefined,
  after: MachineHealthCheckStatus,
): string | undefined {
  const was = allowedCondition(before);
  const is = allowedCondition(after);
  return is?.status === 'False' && was?.reason !== is.reason ? is.message : undefined;
}
