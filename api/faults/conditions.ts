import type { NodeCondition } from '../core.ts';
import type { Fault } from './decode.ts';
import type { FaultConditionSpec } from './fault.ts';

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

/** What a kubelet that is well says, Ready last (clients may read it as a summary, kubernetes issue 16961). */
export const healthyConditions: readonly ConditionValue[] = [
  ...pressures.map(({ healthy }) => healthy),
  {
    type: 'Ready',
    status: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
  },
];

/**
 * The conditions that active faults decide, one value each: a Condition wins over a NotReady, because
 * it says more, and of two for the same type the one that was declared later.
 */
export function faultyConditions(active: readonly Fault[]): ConditionValue[] {
  const values = new Map<string, ConditionValue>();
  const message = runtimeError(active);
  if (message !== undefined) {
    values.set('Ready', { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message });
  }
  for (const fault of active) {
    if (fault.type === 'Condition') values.set(fault.condition.type, faulty(fault.condition));
  }
  return [...values.values()];
}

/**
 * Conditions that no kubelet has, as they are while the fault is not active: there from the start, as
 * other agents do it.
 */
export function foreignConditions(faults: readonly Fault[]): ConditionValue[] {
  return faults
    .filter((fault) => fault.type === 'Condition')
    .map(({ condition }) => condition)
    .filter(({ type }) => !healthyConditions.some((healthy) => healthy.type === type))
    .map(({ type, status = 'True' }) => ({
      type,
      status: status === 'False' ? 'True' : 'False',
      reason: 'NoFaultInjected',
      message: 'nothing to report',
    }));
}

/** What Ready says about the runtime, joined as a kubelet joins errors; `undefined`: it is well. */
function runtimeError(active: readonly Fault[]): string | undefined {
  const messages = active
    .filter((fault) => fault.type === 'NotReady')
    .map(({ message = 'container runtime is down' }) => message);
  return messages.length > 1 ? `[${messages.join(', ')}]` : messages[0];
}

function faulty({ type, ...condition }: FaultConditionSpec): ConditionValue {
  const status = type === 'Ready' ? 'False' : 'True';
  const known = pressures.find((candidate) => candidate.faulty.type === type)?.faulty;
  const injected = { type, status, reason: 'FaultInjected', message: 'reported on request' };
  return { ...(known ?? injected), ...condition };
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
