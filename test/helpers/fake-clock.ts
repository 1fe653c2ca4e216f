import type { Clock, Timer } from '#runtime/clock.ts';
import { sleepOn } from '#runtime/clock.ts';

interface Entry {
  due: number;
  callback: () => void;
}

/** A clock that stands still until it is stepped. */
export class FakeClock implements Clock {
  /** Milliseconds that are short beside every period in the system. */
  readonly step = 500;
  #now: number;
  readonly #entries = new Set<Entry>();

  constructor(start = Date.UTC(2030, 0, 1)) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const entry = { due: this.#now + Math.max(0, delay), callback };
    this.#entries.add(entry);
    return { cancel: () => void this.#entries.delete(entry) };
  }

  sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#entries.size;
  }

  /** Moves time forward, firing what falls due in order; lets promises settle after each. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      const next = this.#nextDue(end);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.due);
      this.#entries.delete(next);
      next.callback();
      await settle();
    }
    this.#now = end;
    await settle();
  }

  #nextDue(end: number): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries) {
      if (entry.due <= end && (next === undefined || entry.due < next.due)) next = entry;
    }
    return next;
  }
}

/** Lets everything that is ready to run in this process run, including loopback sockets. */
export async function settle(turns = 4): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}
