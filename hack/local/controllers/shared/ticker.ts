import type { Clock } from '#runtime/clock.ts';

/** Runs a pass now, then again after `period` milliseconds or as soon as it is woken. */
export class Ticker {
  readonly #clock: Clock;
  readonly #period: number;
  #nap = new AbortController();

  constructor(clock: Clock, period: number) {
    this.#clock = clock;
    this.#period = period;
  }

  /** During a pass: another one follows at once. */
  wake(): void {
    this.#nap.abort();
  }

  /** Resolves when `signal` aborts; rejects when `pass` does. */
  async run(signal: AbortSignal, pass: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      this.#nap = new AbortController();
      await pass();
      const end = AbortSignal.any([signal, this.#nap.signal]);
      await this.#clock.sleep(this.#period, end).catch(() => {}); // stopped or woken
    }
  }
}
