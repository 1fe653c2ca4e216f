/** The arithmetic of PodDisruptionBudgets, as the disruption controller of Kubernetes does it. */

export interface Demand {
  /** `spec.minAvailable`. */
  minAvailable?: number | string;
  /** `spec.maxUnavailable`; wins over `minAvailable` (the API server admits only one). */
  maxUnavailable?: number | string;
  /** How many Pods match. */
  pods: number;
  /** How many of them are Ready and not about to go. */
  healthy: number;
  /** How many there should be: the replicas of all their controllers. */
  scale: number;
}

export interface Budget {
  expectedPods: number;
  desiredHealthy: number;
  currentHealthy: number;
  disruptionsAllowed: number;
}

export function computeBudget(demand: Demand): Budget {
  const { expectedPods, desiredHealthy } = expectation(demand);
  return {
    expectedPods,
    desiredHealthy,
    currentHealthy: demand.healthy,
    disruptionsAllowed: expectedPods <= 0 ? 0 : Math.max(0, demand.healthy - desiredHealthy),
  };
}

/** A number of Pods needs no controller; everything else is a share of what there should be. */
export function needsScale({ minAvailable, maxUnavailable }: Partial<Demand>): boolean {
  return maxUnavailable !== undefined || typeof minAvailable === 'string';
}

function expectation({ minAvailable, maxUnavailable, pods, scale }: Demand) {
  if (maxUnavailable !== undefined) {
    const desiredHealthy = Math.max(0, scale - resolve(maxUnavailable, scale));
    return { expectedPods: scale, desiredHealthy };
  }
  if (typeof minAvailable === 'number') return { expectedPods: pods, desiredHealthy: minAvailable };
  if (typeof minAvailable === 'string') {
    return { expectedPods: scale, desiredHealthy: resolve(minAvailable, scale) };
  }
  return { expectedPods: pods, desiredHealthy: 0 };
}

/** A share is rounded up, for both fields (`GetScaledValueFromIntOrPercent`). */
function resolve(value: number | string, total: number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  if (percent === undefined)
    throw new Error(`${JSON.stringify(value)} is not a share (want e.g. "50%")`);
  return Math.ceil((Number(percent) * total) / 100);
}
