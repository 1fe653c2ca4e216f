/** What to do about the Machines of a health check: pure. */
import type { Node } from '#api/core.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { assess, type Problem } from './health.ts';
import type { Rules } from './rules.ts';

/** A Machine, and the Node that its `status.nodeRef` names, if that exists. */
export interface Target {
  readonly machine: Machine;
  readonly node: Node | undefined;
}

export interface Sick {
  readonly machine: Machine;
  readonly problem: Problem;
  /** When it will be replaced, in milliseconds since the epoch; absent: now. */
  readonly until?: number;
}

export interface Plan {
  readonly expected: number;
  readonly healthy: number;
  /** How many of `expected` need not be healthy. */
  readonly mostUnhealthy: number;
  /** To be replaced now, if `isAllowed`. */
  readonly unhealthy: readonly Sick[];
  /** Those who may recover. */
  readonly waiting: readonly Sick[];
  readonly isAllowed: boolean;
  /** When the next of them runs out of time, in milliseconds since the epoch. */
  readonly nextDeadline: number | undefined;
}

export function planRemediation(targets: readonly Target[], rules: Rules, now: number): Plan {
  const unhealthy: Sick[] = [];
  const waiting: Sick[] = [];
  const deadlines: number[] = [];
  let healthy = 0;
  for (const { machine, node } of targets) {
    const health = assess(machine, node, rules, now);
    if (health.state === 'healthy') healthy += 1;
    else if (health.state === 'unhealthy') unhealthy.push({ machine, problem: health.problem });
    else {
      const { until, problem } = health;
      if (until !== undefined) deadlines.push(until);
      if (until !== undefined && problem !== undefined) waiting.push({ machine, problem, until });
    }
  }
  const expected = targets.length;
  const mostUnhealthy = limitOf(rules.maxUnhealthy, expected);
  return {
    expected,
    healthy,
    mostUnhealthy,
    unhealthy,
    waiting,
    isAllowed: expected - healthy <= mostUnhealthy,
    nextDeadline: deadlines.length === 0 ? undefined : Math.min(...deadlines),
  };
}

/** A share is rounded down. */
function limitOf(maxUnhealthy: number | string | undefined, expected: number): number {
  if (maxUnhealthy === undefined) return expected;
  const text = String(maxUnhealthy);
  const number = Number.parseInt(text, 10);
  return text.endsWith('%') ? Math.floor((number * expected) / 100) : number;
}
