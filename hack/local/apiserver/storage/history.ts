import type { Stored } from './stored.ts';

/** One write to a resource. A created object has no `previous`, a deleted one no `current`. */
export interface Change {
  readonly version: number;
  readonly key: string;
  readonly previous: Stored | undefined;
  readonly current: Stored | undefined;
  /** What watchers of a deletion see: the last state under the version of the deletion. */
  readonly final: Stored;
}

/** The latest changes of one resource, in order, as a ring of fixed size. */
export class History {
  readonly #size: number;
  #ring: Change[] = [];
  #start = 0;
  #compacted = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** The newest version that can no longer be resumed from or read at. */
  get compacted(): number {
    return this.#compacted;
  }

  add(change: Change): void {
    if (this.#ring.length < this.#size) {
      this.#ring.push(change);
      return;
    }
    this.#compacted = this.#ring[this.#start]?.version ?? 0;
    this.#ring[this.#start] = change;
    this.#start = (this.#start + 1) % this.#size;
  }

  /** Everything that came after `version`, oldest first. */
  *since(version: number): Generator<Change> {
    for (let offset = this.#indexAfter(version); offset < this.#ring.length; offset++) {
      const change = this.#at(offset);
      if (change) yield change;
    }
  }

  /** Forgets everything up to `version`. */
  compact(version: number): void {
    this.#ring = [...this.since(version)];
    this.#start = 0;
    this.#compacted = Math.max(this.#compacted, version);
  }

  #at(offset: number): Change | undefined {
    return this.#ring[(this.#start + offset) % this.#ring.length];
  }

  /** Binary search: offset of the first change newer than `version`. */
  #indexAfter(version: number): number {
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#at(middle)?.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
