import type { Machine, MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { RateLimiter } from '#runtime/client/rate-limiter.ts';
import type { Clock } from '#runtime/clock.ts';

/** Corrections of one machine: at once, but no race with another controller that wants otherwise. */
const corrections = { burst: 5, rate: 1 / 10 };

/**
 * Tells our own status writes, which come back as changes, from those of others.
 *
 * Knows them by content: the change may be seen before the answer to the write is.
 */
export class OwnStatuses {
  readonly #clock: Clock;
  readonly #written = new Map<string, MachineStatus>();
  /** Of machines whose status somebody else has written. */
  readonly #limiters = new Map<string, RateLimiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Before it is written. */
  remember(machine: Machine, status: MachineStatus): void {
    this.#written.set(formatKey(keyOf(machine)), status);
  }

  forget(key: ObjectKey): void {
    this.#written.delete(formatKey(key));
    this.#limiters.delete(formatKey(key));
  }

  /** Whether somebody else has changed the status, and it should be looked at now. */
  isToBeCorrected(old: Machine, machine: Machine): boolean {
    const key = formatKey(keyOf(machine));
    const isOurs = [old.status, this.#written.get(key)].some((status) =>
      isDeepEqual(status, machine.status),
    );
    if (isOurs) return false;
    const limiter =
      this.#limiters.get(key) ?? new RateLimiter({ clock: this.#clock, ...corrections });
    this.#limiters.set(key, limiter);
    return limiter.tryAcquire();
  }
}
