import type { Clock } from '#runtime/clock.ts';

/** Milliseconds after which we trust the cache again: what was expected will not come any more. */
const expiry = 5 * 60_000;

interface Expected {
  creations: number;
  /** The uids of Pods. */
  readonly deletions: Set<string>;
  since: number;
}

/**
 * Remembers what was asked for and has not been seen in the cache: until then the cache must not be
 * counted, or the same Pods would be created twice (`ControllerExpectations` upstream).
 */
export class Expectations {
  readonly #clock: Clock;
  /** By the owner's uid. */
  readonly #expected = new Map<string, Expected>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  expectCreation(owner: string): void {
    this.#of(owner).creations += 1;
  }

  expectDeletion(owner: string, pod: string): void {
    this.#of(owner).deletions.add(pod);
  }

  /** Seen, or failed. */
  created(owner: string): void {
    const expected = this.#expected.get(owner);
    if (expected === undefined) return;
    expected.creations = Math.max(0, expected.creations - 1);
    this.#dropIfMet(owner, expected);
  }

  /** Seen, or failed. */
  deleted(owner: string, pod: string): void {
    const expected = this.#expected.get(owner);
    if (expected === undefined) return;
    expected.deletions.delete(pod);
    this.#dropIfMet(owner, expected);
  }

  /** Milliseconds to wait for what is expected; 0: nothing is, or not any more. */
  rest(owner: string): number {
    const expected = this.#expected.get(owner);
    if (expected === undefined) return 0;
    const rest = expected.since + expiry - this.#clock.monotonic();
    if (rest > 0) return rest;
    this.#expected.delete(owner);
    return 0;
  }

  forget(owner: string): void {
    this.#expected.delete(owner);
  }

  #of(owner: string): Expected {
    const expected = this.#expected.get(owner) ?? { creations: 0, deletions: new Set(), since: 0 };
    expected.since = this.#clock.monotonic();
    this.#expected.set(owner, expected);
    return expected;
  }

  #dropIfMet(owner: string, { creations, deletions }: Expected): void {
    if (creations === 0 && deletions.size === 0) this.#expected.delete(owner);
  }
}
