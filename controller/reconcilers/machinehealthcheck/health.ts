/** Whether a Machine is healthy: pure. Times are milliseconds since the epoch. */
import type { Node, NodeCondition } from '#api/core.ts';
import { formatDuration } from '#api/duration.ts';
import { MachinePhase, type Machine } from '#api/machine/v1beta1/machine.ts';
import type { Rules } from './rules.ts';

export interface Problem {
  /** A word for programs. */
  readonly reason: string;
  /** A sentence for people. */
  readonly message: string;
}

export type Health =
  | { readonly state: 'healthy' }
  /** Not healthy, and to be left alone, be it until a time. */
  | { readonly state: 'waiting'; readonly until?: number; readonly problem?: Problem }
  | { readonly state: 'unhealthy'; readonly problem: Problem };

/** Set on a Machine: somebody else repairs it. */
const externalRemediationAnnotation = 'host.metal3.io/external-remediation';

/** Times of Kubernetes have whole seconds, cut: what they tell of may have happened this much later. */
const precision = 1000;

/**
 * A Machine that fails at birth would be followed by the next that does: without a pause between them,
 * health check and MachineSet would create and delete as fast as they can.
 */
const shortestLife = 30_000;

/** @param node the one that `status.nodeRef` names, if it exists */
export function assess(
  machine: Machine,
  node: Node | undefined,
  rules: Rules,
  now: number,
): Health {
  const { metadata, status } = machine;
  if (metadata.deletionTimestamp !== undefined) return { state: 'waiting' };
  const created = Date.parse(metadata.creationTimestamp ?? '');
  if (status?.phase === MachinePhase.failed) {
    const message = `the machine has failed: ${status.errorMessage ?? 'no message tells why'}`;
    return unlessBefore(created + shortestLife, now, { reason: 'MachineFailed', message });
  }
  if (status?.nodeRef === undefined) return starting(created, rules, now);
  if (node === undefined) {
    const message = `its Node ${status.nodeRef.name} does not exist`;
    return { state: 'unhealthy', problem: { reason: 'NodeNotFound', message } };
  }
  const health = conditionsHealth(node, rules, now);
  const isRepaired = externalRemediationAnnotation in (metadata.annotations ?? {});
  return health.state === 'healthy' && isRepaired ? { state: 'waiting' } : health;
}

function starting(created: number, { nodeStartupTimeout }: Rules, now: number): Health {
  if (nodeStartupTimeout === 0) return { state: 'waiting' };
  const message = `it has no Node, ${formatDuration(nodeStartupTimeout)} after its creation`;
  const problem = { reason: 'NodeStartupTimeout', message };
  const health = unlessBefore(created + precision + nodeStartupTimeout, now, problem);
  // That a machine starts is no news.
  return health.state === 'waiting' && health.until !== undefined
    ? { state: 'waiting', until: health.until }
    : health;
}

/** The condition that was there first decides. */
function conditionsHealth(node: Node, rules: Rules, now: number): Health {
  const met = rules.conditions.flatMap(({ type, status, timeout }) => {
    const condition = node.status?.conditions?.find((each) => each.type === type);
    if (condition?.status !== status) return [];
    const since = condition.lastTransitionTime ?? node.metadata.creationTimestamp ?? '';
    return [{ condition, since, deadline: Date.parse(since) + precision + timeout }];
  });
  const [first] = met.toSorted((one, other) => one.deadline - other.deadline);
  if (first === undefined) return { state: 'healthy' };
  return unlessBefore(first.deadline, now, conditionProblem(node, first.condition, first.since));
}

function conditionProblem(node: Node, { type, status }: NodeCondition, since: string): Problem {
  const message = `its Node ${node.metadata.name} has ${type}=${status} since ${since}`;
  return { reason: 'UnhealthyNode', message };
}

/** A time that cannot be read has passed. */
function unlessBefore(deadline: number, now: number, problem: Problem): Health {
  return now < deadline
    ? { state: 'waiting', until: deadline, problem }
    : { state: 'unhealthy', problem };
}
