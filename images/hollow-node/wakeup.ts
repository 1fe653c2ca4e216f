import type { Clock } from '#runtime/clock.ts';

/** Ends somebody's wait early. A call between two waits ends the next one at once: none is lost. */
export class Wakeup {
  #isPending = false;
  #wake: (() => void) | undefined;

  call(): void {
    this.#isPending = true;
    this.#wake?.();
  }

  /** Resolves after `delay` milliseconds or a call; rejects when `signal` aborts. */
  async wait(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
    if (!this.#isPending) {
      const called = new AbortController();
      this.#wake = () => called.abort();
      const sleep = clock.sleep(delay, AbortSignal.any([signal, called.signal]));
      await sleep.catch((error: unknown) => {
        if (signal.aborted) throw error;
      });
    }
    this.#wake = undefined;
    this.#isPending = false;
  }
}
