/** The spec of a health check, read once: durations in milliseconds. */
import { parseDuration } from '#api/duration.ts';
import type {
  MachineHealthCheck,
  MachineHealthCheckSpec,
} from '#api/machine/v1beta1/machine-health-check.ts';
import { messageOf } from '#runtime/error-text.ts';
import { selectorProblem } from '#runtime/label-selector.ts';

/** What a Node may not be for longer than `timeout`. */
export interface UnhealthyCondition {
  readonly type: string;
  readonly status: string;
  readonly timeout: number;
}

export interface Rules {
  readonly conditions: readonly UnhealthyCondition[];
  /** 0: a Machine may wait for its Node for ever. */
  readonly nodeStartupTimeout: number;
  /** Absent: all may be unhealthy. */
  readonly maxUnhealthy?: number | string;
}

/** Value: anything. The health check stands still. */
const pausedAnnotation = 'cluster.x-k8s.io/paused';
const strategyAnnotation = 'machine.openshift.io/remediation-strategy';

export function isPaused({ metadata }: MachineHealthCheck): boolean {
  return pausedAnnotation in (metadata.annotations ?? {});
}

/** Whether Machines are to be repaired by somebody else, who must not find them deleted. */
export function isForOthers({ metadata, spec }: MachineHealthCheck): boolean {
  return (
    spec?.remediationTemplate !== undefined || strategyAnnotation in (metadata.annotations ?? {})
  );
}

const defaultStartupTimeout = '10m';

/** The rules, or what the user has to correct. */
export function readRules(spec: MachineHealthCheckSpec | undefined): Rules | string {
  if (spec === undefined) return 'spec: nothing is there';
  const problem = selectorProblem(spec.selector);
  if (problem !== undefined) return `spec.selector: ${problem}`;
  const { nodeStartupTimeout = defaultStartupTimeout, maxUnhealthy } = spec;
  if (maxUnhealthy !== undefined && !/^\d+%?$/.test(String(maxUnhealthy))) {
    return `spec.maxUnhealthy: ${JSON.stringify(maxUnhealthy)} is neither a number nor a share (want e.g. 2, "40%")`;
  }
  try {
    return {
      conditions: spec.unhealthyConditions.map(({ type, status, timeout }) => ({
        type,
        status,
        timeout: parseDuration(timeout),
      })),
      nodeStartupTimeout: parseDuration(nodeStartupTimeout),
      ...(maxUnhealthy !== undefined && { maxUnhealthy }),
    };
  } catch (error) {
    return `spec: ${messageOf(error)}`;
  }
}
