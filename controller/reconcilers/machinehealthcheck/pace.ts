import { formatKey } from '#runtime/client/object-key.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';

/** Milliseconds between two looks at one health check. */
const shortestPause = 1000;

/**
 * At most one look per second: a thousand Nodes that turn NotReady are a thousand changes, and each
 * look goes through all Machines.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #lastLooks = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds to wait before the next look; 0: look now. */
  wait(key: ObjectKey): number {
    const now = this.#clock.monotonic();
    const last = this.#lastLooks.get(formatKey(key));
    if (last !== undefined && now < last + shortestPause) return last + shortestPause - now;
    this.#lastLooks.set(formatKey(key), now);
    return 0;
  }

  forget(key: ObjectKey): void {
    this.#lastLooks.delete(formatKey(key));
  }
}
