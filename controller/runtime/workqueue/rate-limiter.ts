/** How long a key that keeps failing waits: twice as long each time. */
export class KeyBackoff {
  readonly #shortest: number;
  readonly #longest: number;
  readonly #failures = new Map<string, number>();

  /** @param options in milliseconds */
  constructor(options: { shortest: number; longest: number }) {
    this.#shortest = options.shortest;
    this.#longest = options.longest;
  }

  /** Counts a failure; returns the milliseconds to wait. */
  next(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    return Math.min(this.#shortest * 2 ** failures, this.#longest);
  }

  /** The key succeeded: its next failure is the first. */
  forget(key: string): void {
    this.#failures.delete(key);
  }
}
