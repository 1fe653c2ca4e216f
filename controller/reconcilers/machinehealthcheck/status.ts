/** The status of a health check as a pure function of its plan. */
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import type { MachineHealthCheckStatus } from '#api/machine/v1beta1/machine-health-check.ts';
import type { Plan } from './plan.ts';

export const remediationAllowed = 'RemediationAllowed';

export function summarize(
  before: MachineHealthCheckStatus,
  plan: Plan,
  { maxUnhealthy, isForOthers }: { maxUnhealthy: number | string; isForOthers: boolean },
  now: string,
): MachineHealthCheckStatus {
  const { expected, healthy, mostUnhealthy, isAllowed } = plan;
  const sick = expected - healthy;
  const tooMany = {
    reason: 'TooManyUnhealthy',
    message: `${sick} of ${expected} machines are not healthy, more than maxUnhealthy (${maxUnhealthy}, here ${mostUnhealthy}): nothing is replaced`,
  };
  const others = {
    reason: 'ExternalRemediation',
    message: 'another controller is asked to repair machines: nothing is replaced',
  };
  const refusal = isForOthers ? others : isAllowed ? undefined : tooMany;
  return {
    expectedMachines: expected,
    currentHealthy: healthy,
    remediationsAllowed: refusal === undefined ? mostUnhealthy - sick : 0,
    conditions: conditionsAfter(before, refusal, now),
  };
}

/** Of a health check that cannot be read; the numbers stay. */
export function summarizeInvalid(
  before: MachineHealthCheckStatus,
  message: string,
  now: string,
): MachineHealthCheckStatus {
  const refusal = { reason: 'InvalidConfiguration', message };
  return {
    ...before,
    remediationsAllowed: 0,
    conditions: conditionsAfter(before, refusal, now),
  };
}

export function allowedCondition(status: MachineHealthCheckStatus = {}): Condition | undefined {
  return status.conditions?.find(({ type }) => type === remediationAllowed);
}

/** `lastTransitionTime` moves with the status only. */
function conditionsAfter(
  before: MachineHealthCheckStatus,
  refusal: { reason: string; message: string } | undefined,
  now: string,
): Condition[] {
  const old = allowedCondition(before);
  const status = refusal === undefined ? 'True' : 'False';
  const others = (before.conditions ?? []).filter(({ type }) => type !== remediationAllowed);
  return [
    ...others,
    {
      type: remediationAllowed,
      status,
      ...(refusal && { severity: 'Warning', ...refusal }),
      lastTransitionTime: (old?.status === status && old.lastTransitionTime) || now,
    },
  ];
}
