import type { ApiObject } from '../object.ts';
import type { Change } from './history.ts';
import { History } from './history.ts';
import { SortedKeys } from './sorted-keys.ts';
import { Stored } from './stored.ts';

/** The one counter behind every `resourceVersion` of a server. */
export class VersionCounter {
  // Like etcd, whose first revision is 1: a client must never be told version 0.
  #current = 1;

  get current(): number {
    return this.#current;
  }

  next(): number {
    return ++this.#current;
  }
}

export const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export function keyOfObject({ metadata }: ApiObject): string {
  return keyOf(metadata.namespace ?? '', metadata.name ?? '');
}

/** The objects of one resource: what is there now, and the recent changes that led to it. */
export class Store {
  readonly #counter: VersionCounter;
  readonly #objects = new Map<string, Stored>();
  readonly #keys = new SortedKeys();
  readonly #history: History;
  readonly #listeners: ((change: Change) => void)[] = [];

  constructor(counter: VersionCounter, historySize: number) {
    this.#counter = counter;
    this.#history = new History(historySize);
  }

  /** The newest version of the whole server. */
  get version(): number {
    return this.#counter.current;
  }

  get compacted(): number {
    return this.#history.compacted;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): Stored | undefined {
    return this.#objects.get(key);
  }

  /** Stores `object` under a new version, which a copy of its metadata says. */
  put(object: ApiObject): Stored {
    const key = keyOfObject(object);
    const version = this.#counter.next();
    const current = new Stored(object, version).at(version);
    const previous = this.#objects.get(key);
    if (previous === undefined) this.#keys.add(key);
    this.#objects.set(key, current);
    this.#record({ version, key, previous, current, final: current });
    return current;
  }

  /** Removes what is at `key`; returns its last state under the version of the deletion. */
  delete(key: string, last: ApiObject): Stored {
    const previous = this.#objects.get(key);
    const version = this.#counter.next();
    const final = new Stored(last, version).at(version);
    this.#objects.delete(key);
    this.#keys.delete(key);
    this.#record({ version, key, previous, current: undefined, final });
    return final;
  }

  /** Objects in key order, as they are now; `prefix` is `namespace/` or `''`. */
  *list(prefix = '', after = ''): Generator<Stored> {
    for (const key of this.#keys.range(prefix, after)) {
      const stored = this.#objects.get(key);
      if (stored) yield stored;
    }
  }

  /**
   * Objects in key order as they were at `version`, found by undoing every later change. The caller
   * must have checked that `version` is not compacted.
   */
  *listAt(version: number, prefix = '', after = ''): Generator<Stored> {
    const undone = new Map<string, Stored | undefined>();
    for (const { key, previous } of this.#history.since(version)) {
      if (!undone.has(key)) undone.set(key, previous);
    }
    const keys = new Set(this.#keys.range(prefix, after));
    for (const key of undone.keys()) if (key.startsWith(prefix) && key > after) keys.add(key);
    for (const key of [...keys].toSorted()) {
      const stored = undone.has(key) ? undone.get(key) : this.#objects.get(key);
      if (stored) yield stored;
    }
  }

  changesSince(version: number): Generator<Change> {
    return this.#history.since(version);
  }

  /** Forgets all history, as etcd's compaction does: older watches and pages get 410. */
  compact(): void {
    this.#history.compact(this.#counter.current);
  }

  /** Listeners run inside the write, in the order of their registration; they must not throw. */
  onChange(listener: (change: Change) => void): void {
    this.#listeners.push(listener);
  }

  #record(change: Change): void {
    this.#history.add(change);
    for (const listener of this.#listeners) listener(change);
    change.previous?.forget();
    if (change.current === undefined) change.final.forget();
  }
}
