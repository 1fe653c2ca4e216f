import type { Clock } from '#runtime/clock.ts';
import type { Fault, FaultState } from './faults.ts';
import { stateAt } from './faults.ts';

/** The faults of one node on a clock. */
export class FaultSchedule {
  readonly faults: readonly Fault[];
  readonly #clock: Clock;
  readonly #origin: number;

  /** @param origin monotonic time from which the faults' times are counted */
  constructor(faults: readonly Fault[], clock: Clock, origin: number) {
    this.faults = faults;
    this.#clock = clock;
    this.#origin = origin;
  }

  now(): FaultState {
    return stateAt(this.faults, this.#clock.monotonic() - this.#origin);
  }

  /** Milliseconds until the state changes; `Infinity`: it stays as it is. */
  untilChange(): number {
    return this.now().nextChange - (this.#clock.monotonic() - this.#origin);
  }

  /** Resolves as soon as the state is as asked; rejects when `signal` aborts. */
  async until(isReached: (state: FaultState) => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (!isReached(this.now())) await this.#clock.sleep(this.untilChange(), signal);
  }
}
