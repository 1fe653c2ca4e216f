import type { Clock } from '../clock.ts';

/** Hears of what happens in a queue; for metrics. Durations in seconds. */
export interface QueueObserver {
  added(): void;
  taken(secondsWaited: number): void;
  finished(secondsWorked: number): void;
}

/** When each key began to wait or to be worked on, by `Clock.monotonic`. */
type Since = Map<string, number>;

/**
 * Keys that want work, in the order of their arrival.
 *
 * Guarantees: a key waits at most once; it is with one worker at a time; a key added while it is being
 * worked on is handed out again afterwards.
 */
export class WorkQueue {
  readonly #clock: Clock;
  readonly #observer: QueueObserver | undefined;
  readonly #waiting: Since = new Map();
  readonly #processing: Since = new Map();
  /** Added while being worked on: they wait again once they are done. */
  readonly #again = new Set<string>();
  readonly #idleWorkers: ((key: string | undefined) => void)[] = [];
  #isShutDown = false;

  constructor(options: { clock: Clock; observer?: QueueObserver | undefined }) {
    this.#clock = options.clock;
    this.#observer = options.observer;
  }

  /** How many keys wait. */
  get length(): number {
    return this.#waiting.size;
  }

  get isShutDown(): boolean {
    return this.#isShutDown;
  }

  /** For how many seconds each worker has been busy with its key. */
  get secondsInProcess(): number[] {
    const now = this.#clock.monotonic();
    return [...this.#processing.values()].map((since) => (now - since) / 1000);
  }

  add(key: string): void {
    if (this.#isShutDown || this.#waiting.has(key) || this.#again.has(key)) return;
    this.#observer?.added();
    if (this.#processing.has(key)) this.#again.add(key);
    else this.#enqueue(key);
  }

  /** The next key, when there is one; `undefined` once the queue is shut down. Pair it with `done`. */
  take(): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    if (this.#isShutDown) resolve(undefined);
    else this.#idleWorkers.push(resolve);
    this.#handOut();
    return promise;
  }

  done(key: string): void {
    const since = this.#processing.get(key);
    if (since === undefined) return;
    this.#processing.delete(key);
    this.#observer?.finished((this.#clock.monotonic() - since) / 1000);
    if (this.#again.delete(key)) this.#enqueue(key);
  }

  /** Hands out nothing any more; what waits is dropped. */
  shutDown(): void {
    this.#isShutDown = true;
    this.#waiting.clear();
    this.#again.clear();
    for (const resolve of this.#idleWorkers.splice(0)) resolve(undefined);
  }

  #enqueue(key: string): void {
    this.#waiting.set(key, this.#clock.monotonic());
    this.#handOut();
  }

  #handOut(): void {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const worker = this.#idleWorkers.shift();
    if (worker === undefined) return;
    const [key, since] = next;
    const now = this.#clock.monotonic();
    this.#waiting.delete(key);
    this.#processing.set(key, now);
    this.#observer?.taken((now - since) / 1000);
    worker(key);
  }
}
