import type { NodeCondition } from '#api/core.ts';
import type { Fault, FaultCondition } from './faults.ts';

/** What a condition says, without the times. */
export type ConditionValue = Pick<NodeCondition, 'type' | 'status'> & {
  reason: string;
  message: string;
};

interface KnownCondition {
  healthy: ConditionValue;
  faulty: ConditionValue;
}

/** A kubelet's conditions but Ready, in its order and words. */
const pressures: readonly KnownCondition[] = [
  pressure(
    'MemoryPressure',
    ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
    ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
  ),
  pressure(
    'DiskPressure',
    ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
    ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
  ),
  pressure(
    'PIDPressure',
    ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
    ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
  ),
];

/**
 * The conditions of the Node while `active` of its `faults` are: pressures, then those that only
 * faults name, Ready last (clients may read it as the summary of the others, kubernetes issue 16961).
 */
export function desiredConditions(
  faults: readonly Fault[],
  active: readonly Fault[],
): ConditionValue[] {
  const values = [...pressures.map(({ healthy }) => healthy), ...extras(faults), ready(active)];
  const conditions = new Map(values.map((value) => [value.type, value]));
  for (const fault of active) {
    if (fault.type !== 'Condition') continue;
    conditions.set(fault.condition.type, faulty(fault.condition));
  }
  return [...conditions.values()];
}

/** Why Pods are frozen, as the kubelet joins its runtime's errors; `undefined` when they are not. */
export function runtimeError(active: readonly Fault[]): string | undefined {
  const messages = active
    .filter((fault) => fault.type === 'NotReady')
    .map(({ message = 'container runtime is down' }) => message);
  return messages.length > 1 ? `[${messages.join(', ')}]` : messages[0];
}

function ready(active: readonly Fault[]): ConditionValue {
  const message = runtimeError(active);
  if (message !== undefined) {
    return { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message };
  }
  const posting = 'kubelet is posting ready status';
  return { type: 'Ready', status: 'True', reason: 'KubeletReady', message: posting };
}

function faulty({ type, ...condition }: FaultCondition): ConditionValue {
  const status = type === 'Ready' ? 'False' : 'True';
  const known = pressures.find((candidate) => candidate.faulty.type === type)?.faulty;
  const injected = { type, status, reason: 'FaultInjected', message: 'reported on request' };
  return { ...(known ?? injected), ...condition };
}

/** A condition that a kubelet does not have is there from the start, as other agents do it. */
function extras(faults: readonly Fault[]): ConditionValue[] {
  return faults
    .filter((fault) => fault.type === 'Condition')
    .map(({ condition }) => condition)
    .filter(
      ({ type }) => type !== 'Ready' && !pressures.some(({ healthy }) => healthy.type === type),
    )
    .map(({ type, status = 'True' }) => ({
      type,
      status: status === 'False' ? 'True' : 'False',
      reason: 'NoFaultInjected',
      message: 'nothing to report',
    }));
}

function pressure(
  type: string,
  [reason, message]: [string, string],
  [badReason, badMessage]: [string, string],
): KnownCondition {
  return {
    healthy: { type, status: 'False', reason, message },
    faulty: { type, status: 'True', reason: badReason, message: badMessage },
  };
}
