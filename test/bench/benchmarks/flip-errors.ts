/** A change of a node's Ready condition. Times in milliseconds since 1970. */
export interface Flip {
  node: string;
  isReady: boolean;
  /** When the watch showed it. */
  seenAt: number;
  /** `lastTransitionTime`: the beginning of a second. */
  storedAt: number;
}

export interface Schedule {
  /** Milliseconds of each state; a node begins Ready. */
  phase: number;
  /** What is due later does not count. */
  until: number;
}

export interface FlipErrors {
  /** How much later than due each was seen. */
  seen: number[];
  /** How far each is from the second that was stored; 0 within it. */
  stored: number[];
  /** How many were due and not seen. */
  missing: number;
}

/** Compares the flips with the schedule: the n-th of a node is due n phases after its start. */
export function flipErrors(
  flips: readonly Flip[],
  startedAt: ReadonlyMap<string, number>,
  { phase, until }: Schedule,
): FlipErrors {
  const errors: FlipErrors = { seen: [], stored: [], missing: 0 };
  const byNode = Map.groupBy(flips, ({ node }) => node);
  for (const [node, start] of startedAt) {
    const due = Math.max(0, Math.floor((until - start) / phase));
    const numbers = new Set<number>();
    for (const flip of byNode.get(node) ?? []) {
      const number = numberOf(flip, start, phase);
      if (number < 1 || number > due) continue;
      numbers.add(number);
      const dueAt = start + number * phase;
      errors.seen.push(flip.seenAt - dueAt);
      errors.stored.push(distance(dueAt, flip.storedAt, flip.storedAt + 1000));
    }
    errors.missing += due - numbers.size;
  }
  return errors;
}

/** The nearest number with the right direction: the odd ones lead to NotReady. */
function numberOf({ isReady, seenAt }: Flip, start: number, phase: number): number {
  const pairs = (seenAt - start) / phase / 2;
  return isReady ? 2 * Math.round(pairs) : 2 * Math.round(pairs - 0.5) + 1;
}

/** How far a time is from a span; 0 within it. */
function distance(time: number, from: number, to: number): number {
  return Math.max(0, from - time, time - to);
}
