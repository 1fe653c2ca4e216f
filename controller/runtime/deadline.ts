import type { Clock, Timer } from './clock.ts';

/** Joins "the caller gave up" and "it took too long" into one signal; dispose it in any case. */
export class Deadline implements Disposable {
  readonly #clock: Clock;
  readonly #due: number;
  readonly #controller = new AbortController();
  readonly #timer: Timer;
  readonly #caller: AbortSignal | undefined;
  readonly #forward = (): void => this.#controller.abort(this.#caller?.reason);

  /** @param timeout in milliseconds */
  constructor(clock: Clock, timeout: number, caller?: AbortSignal) {
    this.#clock = clock;
    this.#due = clock.monotonic() + timeout;
    this.#timer = clock.setTimeout(() => {
      this.#controller.abort(
        new DOMException(`no answer within ${Math.round(timeout) / 1000} s`, 'TimeoutError'),
      );
    }, timeout);
    this.#caller = caller;
    if (caller?.aborted) this.#forward();
    else caller?.addEventListener('abort', this.#forward, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds that are left. */
  get remaining(): number {
    return this.#due - this.#clock.monotonic();
  }

  /** From here on only the caller ends it: the answer has begun. */
  lift(): void {
    this.#timer.cancel();
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
    this.#caller?.removeEventListener('abort', this.#forward);
  }
}
