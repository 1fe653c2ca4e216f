import { fraction } from '#api/faults/schedule.ts';

/**
 * A share of what has a name, at least one of any: always the same for the same seed, and with a larger
 * share the same and more.
 */
export function choose<T>(
  all: readonly T[],
  nameOf: (one: T) => string,
  { percent, seed }: { percent: number; seed: number },
): T[] {
  const rank = (one: T): number => fraction(nameOf(one), seed);
  const count = Math.ceil((all.length * percent) / 100);
  return all.toSorted((one, other) => rank(one) - rank(other)).slice(0, count);
}
