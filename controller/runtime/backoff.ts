/**
 * Pauses between attempts that keep failing, after AWS' "decorrelated jitter": many clients that
 * lose the same server do not come back in step. The first attempt after a success is immediate,
 * because one lost connection says nothing about the server.
 */
export class JitteredBackoff {
  readonly #shortest: number;
  readonly #longest: number;
  readonly #random: () => number;
  #last: number | undefined;

  /** @param options in milliseconds */
  constructor(options: { shortest: number; longest: number; random: () => number }) {
    this.#shortest = options.shortest;
    this.#longest = options.longest;
    this.#random = options.random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const last = this.#last;
    const span = (last ?? 0) * 3 - this.#shortest;
    const delay = this.#shortest + this.#random() * Math.max(0, span);
    this.#last = Math.min(delay, this.#longest);
    return last === undefined ? 0 : this.#last;
  }

  /** Whether the last attempt was a retry already: this is more than one lost connection. */
  get isPacing(): boolean {
    return this.#last !== undefined;
  }

  reset(): void {
    this.#last = undefined;
  }
}
