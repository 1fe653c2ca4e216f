/** A number of Machines, or a share of the replicas, e.g. `25%`. */
export type IntOrPercent = number | string;

export interface Limits {
  maxSurge: number;
  maxUnavailable: number;
}

/**
 * The limits in Machines: a share of surge is rounded up, of unavailability down. Were both 0, nothing
 * could ever change: then one may be unavailable (kubernetes, `ResolveFenceposts`).
 */
export function resolveLimits(
  replicas: number,
  { maxSurge = 1, maxUnavailable = 0 }: { maxSurge?: IntOrPercent; maxUnavailable?: IntOrPercent },
): Limits {
  const surge = Math.ceil(machinesOf(maxSurge, replicas));
  const unavailable = Math.min(replicas, Math.floor(machinesOf(maxUnavailable, replicas)));
  return { maxSurge: surge, maxUnavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Not rounded. In whole numbers as long as possible: `0.07 * 100` is more than 7. */
function machinesOf(limit: IntOrPercent, replicas: number): number {
  if (typeof limit === 'number') return limit;
  return (Number.parseInt(limit, 10) * replicas) / 100;
}
