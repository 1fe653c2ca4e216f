import type { Clock } from '#runtime/clock.ts';
import type { Fault, FaultState } from './faults.ts';
import { stateAt } from './faults.ts';

/**
 * The state of the faults and how long it holds, both of one moment: asked one after the other, a
 * change could fall between them and be slept through.
 */
export interface FaultMoment extends FaultState {
  /** Milliseconds; `Infinity`: it stays as it is. */
  readonly untilChange: number;
}

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

  now(): FaultMoment {
    const elapsed = this.#clock.monotonic() - this.#origin;
    const state = stateAt(this.faults, elapsed);
    return { ...state, untilChange: state.nextChange - elapsed };
  }

  /** Resolves as soon as the state is as asked; rejects when `signal` aborts. */
  async until(isReached: (state: FaultState) => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    for (;;) {
      const moment = this.now();
      if (isReached(moment)) return;
      await this.#clock.sleep(moment.untilChange, signal);
    }
  }
}
