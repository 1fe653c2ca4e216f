/**
 * The only place that knows real time. Everything else receives a `Clock`, so tests step it
 * (`test/helpers/fake-clock.ts`).
 */
export interface Clock {
  /** Wall clock in milliseconds since the epoch: for timestamps that others read. */
  now(): number;
  /** Milliseconds from an arbitrary origin that never jump: for schedules and durations. */
  monotonic(): number;
  /** Calls back once after `delay` milliseconds, also beyond the 24.8 days of a plain timer. */
  setTimeout(callback: () => void, delay: number): Timer;
  /** Resolves after `delay` milliseconds; rejects with the signal's reason when it aborts. */
  sleep(delay: number, signal?: AbortSignal): Promise<void>;
}

export interface Timer {
  cancel(): void;
}

/** A longer delay makes Node.js fire at once (a signed 32-bit number of milliseconds). */
const longestDelay = 2 ** 31 - 1;

class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const due = performance.now() + delay;
    let handle: NodeJS.Timeout;
    const arm = (): void => {
      const rest = Math.max(0, due - performance.now());
      handle = setTimeout(rest > longestDelay ? arm : callback, Math.min(rest, longestDelay));
    };
    arm();
    return { cancel: () => clearTimeout(handle) };
  }

  sleep(delay: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delay, signal);
  }
}

/** `Clock.sleep` in terms of `Clock.setTimeout`, for every implementation of `Clock`. */
export function sleepOn(clock: Clock, delay: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(asError(signal.reason));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.setTimeout(() => {
    signal?.removeEventListener('abort', abort);
    resolve();
  }, delay);
  const abort = (): void => {
    timer.cancel();
    reject(asError(signal?.reason));
  };
  signal?.addEventListener('abort', abort, { once: true });
  return promise;
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}

export const realClock: Clock = new RealClock();
