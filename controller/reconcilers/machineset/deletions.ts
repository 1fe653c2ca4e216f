import type { Machine } from '#api/machine/v1beta1/machine.ts';

/**
 * Machines that this process has asked to be deleted, until the cache shows it: its answer tells nothing
 * that a cache could take over, and a cache may be seconds behind.
 */
export class Deletions {
  /** By UID: whether the API server has agreed. */
  readonly #asked = new Map<string, boolean>();

  ask(machine: Machine): void {
    this.#asked.set(uidOf(machine), false);
  }

  agree(machine: Machine): void {
    // Not when the watch was faster: nobody would forget it then.
    if (this.#asked.has(uidOf(machine))) this.#asked.set(uidOf(machine), true);
  }

  /** The cache shows that it is on its way out, or gone. */
  seen(machine: Machine): void {
    this.#asked.delete(uidOf(machine));
  }

  /** Perhaps without an answer: should one go, then this one again. */
  isAsked(machine: Machine): boolean {
    return this.#asked.has(uidOf(machine));
  }

  /** It does not count any more. */
  isAgreed(machine: Machine): boolean {
    return this.#asked.get(uidOf(machine)) ?? false;
  }
}

function uidOf({ metadata }: Machine): string {
  return metadata.uid ?? '';
}
