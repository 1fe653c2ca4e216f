import type { Clock, Timer } from '../clock.ts';
import { WorkQueue, type QueueObserver } from './queue.ts';

/** A work queue to which keys can be added for later; of several times the earliest counts. */
export class DelayingQueue extends WorkQueue {
  readonly #clock: Clock;
  /** The clock is the priority queue: Node.js keeps its timers in one. */
  readonly #delayed = new Map<string, { due: number; timer: Timer }>();

  constructor(options: { clock: Clock; observer?: QueueObserver | undefined }) {
    super(options);
    this.#clock = options.clock;
  }

  /** @param delay in milliseconds; ≤ 0 adds at once */
  addAfter(key: string, delay: number): void {
    if (this.isShutDown) return;
    if (delay <= 0) return this.add(key);
    const due = this.#clock.monotonic() + delay;
    const known = this.#delayed.get(key);
    if (known !== undefined && known.due <= due) return;
    known?.timer.cancel();
    const timer = this.#clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delay);
    this.#delayed.set(key, { due, timer });
  }

  override shutDown(): void {
    super.shutDown();
    for (const { timer } of this.#delayed.values()) timer.cancel();
    this.#delayed.clear();
  }
}
