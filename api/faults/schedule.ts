/**
 * When faults are active: pure, in milliseconds counted from an origin and never from the previous
 * change, so nothing drifts.
 */
export interface FaultTimes {
  /** Onset, from the origin. */
  readonly after: number;
  /** How long it lasts; absent: for ever. */
  readonly duration?: number;
  /** From one onset to the next; absent: it happens once. */
  readonly period?: number;
  /** Each onset is later by 0 ≤ x < jitter. At most what the period leaves beside the duration. */
  readonly jitter?: number;
  /** Which random numbers; the same again give the same times. */
  readonly seed?: string;
}

export interface FaultState<Fault extends FaultTimes> {
  /** In the order in which they were declared. */
  readonly active: readonly Fault[];
  /** When `active` changes next, in milliseconds from the origin; `Infinity`: never. */
  readonly nextChange: number;
}

/** What is wrong `elapsed` milliseconds after the origin. */
export function stateAt<Fault extends FaultTimes>(
  faults: readonly Fault[],
  elapsed: number,
): FaultState<Fault> {
  let nextChange = Number.POSITIVE_INFINITY;
  const active = faults.filter((fault) => {
    const phase = phaseAt(fault, elapsed);
    nextChange = Math.min(nextChange, phase.until);
    return phase.active;
  });
  return { active, nextChange };
}

/** Where a fault is between its onsets. */
export interface Phase {
  readonly active: boolean;
  /** Always later than the time that was asked about. */
  readonly until: number;
}

export function phaseAt(times: FaultTimes, elapsed: number): Phase {
  const { after, duration, period } = times;
  const forEver = Number.POSITIVE_INFINITY;
  if (duration !== undefined && duration <= 0) return { active: false, until: forEver };
  // Onsets that come before the end of the previous fault leave no healthy time between them.
  const neverEnds = duration === undefined || (period !== undefined && period <= duration);
  const count = period === undefined || neverEnds ? 0 : lastStart(after, period, elapsed);
  const onset = onsetOf(times, count);
  if (elapsed < onset) return { active: false, until: onset };
  if (neverEnds) return { active: true, until: forEver };
  if (elapsed < onset + duration) return { active: true, until: onset + duration };
  return { active: false, until: period === undefined ? forEver : onsetOf(times, count + 1) };
}

/** Milliseconds from the origin until all is over; `Infinity`: never. */
export function endOf(faults: readonly FaultTimes[]): number {
  const ends = faults.map((fault) => {
    const { duration, period } = fault;
    if (duration === undefined || period !== undefined) return Number.POSITIVE_INFINITY;
    return onsetOf(fault, 0) + duration;
  });
  return Math.max(0, ...ends);
}

/** The last multiple of the period that has begun; 0 before the first. */
function lastStart(after: number, period: number, elapsed: number): number {
  const count = Math.max(0, Math.floor((elapsed - after) / period));
  return after + (count + 1) * period <= elapsed ? count + 1 : count; // the division may round down
}

/** Always multiples from the origin: sums of sums would drift. */
function onsetOf({ after, period = 0, jitter = 0, seed = '' }: FaultTimes, count: number): number {
  return after + count * period + (jitter > 0 ? jitter * fraction(seed, count) : 0);
}

/**
 * A random number 0 ≤ x < 1 for each index, the same again for the same seed: FNV-1a, then the
 * finalizer of MurmurHash3, without which neighbours would be alike.
 */
export function fraction(seed: string, index: number): number {
  let hash = 0x811c9dc5;
  for (const character of `${seed}/${index}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
