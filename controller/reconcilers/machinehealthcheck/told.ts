import type { ObjectKey } from '#runtime/client/client.ts';
import { formatKey } from '#runtime/client/object-key.ts';

/**
 * Which news of a health check have been told, so that an event tells of each once and not at each look.
 * Decides about events only: after a restart they are told once more.
 */
export class Told {
  readonly #told = new Map<string, ReadonlySet<string>>();

  /** Of these, all there is to say now, those that were not there the last time. */
  newsOf(key: ObjectKey, ids: Iterable<string>): ReadonlySet<string> {
    const current = new Set(ids);
    const before = this.#told.get(formatKey(key)) ?? new Set();
    this.#told.set(formatKey(key), current);
    return current.difference(before);
  }

  forget(key: ObjectKey): void {
    this.#told.delete(formatKey(key));
  }
}
