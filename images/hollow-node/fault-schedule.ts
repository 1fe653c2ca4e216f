import { foreignConditions, type ConditionValue } from '#api/faults/conditions.ts';
import type { Fault } from '#api/faults/decode.ts';
import { effectsOf, type Effects } from '#api/faults/effects.ts';
import { stateAt } from '#api/faults/schedule.ts';
import type { Clock } from '#runtime/clock.ts';
import { Wakeup } from './wakeup.ts';

/**
 * The state of the faults and how long it holds, both of one moment: asked one after the other, a
 * change could fall between them and be slept through.
 */
export interface FaultMoment extends Effects {
  /** In the order in which they were declared. */
  readonly active: readonly Fault[];
  /** Milliseconds; `Infinity`: it stays as it is. */
  readonly untilChange: number;
}

/** The faults of one node on a clock: those it was started with, and those that came later. */
export class FaultSchedule {
  /** Monotonic time from which the faults' times are counted. */
  readonly origin: number;
  readonly #clock: Clock;
  readonly #configured: readonly Fault[];
  #faults: readonly Fault[];
  #foreign: readonly ConditionValue[];
  readonly #waiting = new Set<Wakeup>();

  /** @param origin monotonic time from which the faults' times are counted */
  constructor(faults: readonly Fault[], clock: Clock, origin: number) {
    this.#configured = faults;
    this.#faults = faults;
    this.#foreign = foreignConditions(faults);
    this.#clock = clock;
    this.origin = origin;
  }

  /**
   * Conditions that only faults name, as they are while the fault is not active. Those of faults that
   * were taken back stay: somebody must say that they are over.
   */
  get foreign(): readonly ConditionValue[] {
    return this.#foreign;
  }

  /** Whether anything was injected, and so may be taken back. */
  get hasInjected(): boolean {
    return this.#faults.length > this.#configured.length;
  }

  /** From now on these are declared too, after the others, in place of those of the last call. */
  inject(faults: readonly Fault[]): void {
    this.#faults = [...this.#configured, ...faults];
    const later = foreignConditions(faults).filter(
      ({ type }) => !this.#foreign.some((known) => known.type === type),
    );
    this.#foreign = [...this.#foreign, ...later];
    this.recheck();
  }

  /** Those who wait look again: what they wait for depends on more than faults. */
  recheck(): void {
    for (const wakeup of this.#waiting) wakeup.call();
  }

  now(): FaultMoment {
    const elapsed = this.#clock.monotonic() - this.origin;
    const { active, nextChange } = stateAt(this.#faults, elapsed);
    return { ...effectsOf(active), active, untilChange: nextChange - elapsed };
  }

  /** Calls `wakeup`, until disposed of, when faults come or go at another time than was known. */
  wakes(wakeup: Wakeup): Disposable {
    this.#waiting.add(wakeup);
    return { [Symbol.dispose]: () => void this.#waiting.delete(wakeup) };
  }

  /** Resolves as soon as the state is as asked; rejects when `signal` aborts. */
  async until(isReached: (moment: FaultMoment) => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const wakeup = new Wakeup();
    using _ = this.wakes(wakeup);
    for (;;) {
      const moment = this.now();
      if (isReached(moment)) return;
      await wakeup.wait(this.#clock, moment.untilChange, signal);
    }
  }
}
