import type { Clock } from '../clock.ts';

/**
 * A token bucket: `burst` requests at once, then `rate` per second, in the order of arrival.
 *
 * Callers reserve their turn by driving the bucket below zero, so no queue is needed.
 */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #updatedAt: number;

  constructor(options: { clock: Clock; rate: number; burst: number }) {
    this.#clock = options.clock;
    this.#rate = options.rate;
    this.#burst = Math.max(1, options.burst);
    this.#tokens = this.#burst;
    this.#updatedAt = options.clock.monotonic();
  }

  /** Takes a token if one is there now. */
  tryAcquire(): boolean {
    this.#refill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Resolves when it is the caller's turn; gives the turn back when `signal` aborts. */
  async acquire(signal?: AbortSignal): Promise<void> {
    this.#refill();
    this.#tokens -= 1;
    if (this.#tokens >= 0) return;
    try {
      await this.#clock.sleep((-this.#tokens / this.#rate) * 1000, signal);
    } catch (error) {
      this.#tokens += 1;
      throw error;
    }
  }

  #refill(): void {
    const now = this.#clock.monotonic();
    const earned = ((now - this.#updatedAt) / 1000) * this.#rate;
    this.#tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#updatedAt = now;
  }
}
