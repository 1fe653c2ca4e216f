import type { KubernetesObject } from '#api/meta.ts';
import type { ObjectKey } from '../client/client.ts';
import { formatKey, keyOf } from '../client/object-key.ts';

/** What reconcilers read. Objects are frozen: copy before you change. */
export interface Store<T> {
  get(key: ObjectKey): T | undefined;
  /** All objects, or those of one namespace. */
  list(namespace?: string): T[];
  /** @throws Error when there is no such index */
  byIndex(index: string, value: string): T[];
}

/** The values under which an object is found in one index. */
export type IndexFunction<T> = (object: T) => Iterable<string>;
export type Indexes<T> = Readonly<Record<string, IndexFunction<T>>>;

type Entries<T> = Map<string, T>;

/** Objects by key and by named indexes, which always agree. */
export class IndexedStore<T extends KubernetesObject> implements Store<T> {
  readonly #objects: Entries<T> = new Map();
  readonly #byNamespace = new Index<T>((object) => [object.metadata.namespace ?? '']);
  readonly #indexes = new Map<string, Index<T>>();

  constructor(indexes: Indexes<T> = {}) {
    this.addIndexes(indexes);
  }

  /** @throws Error when another index has one of these names */
  addIndexes(indexes: Indexes<T>): void {
    for (const [name, valuesOf] of Object.entries(indexes)) {
      const existing = this.#indexes.get(name);
      if (existing?.valuesOf === valuesOf) continue;
      if (existing !== undefined) throw new Error(`there is another index "${name}" already`);
      const index = new Index(valuesOf);
      for (const [key, object] of this.#objects) index.add(key, object);
      this.#indexes.set(name, index);
    }
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(formatKey(key));
  }

  list(namespace?: string): T[] {
    if (namespace === undefined) return [...this.#objects.values()];
    return this.#byNamespace.get(namespace);
  }

  byIndex(index: string, value: string): T[] {
    const found = this.#indexes.get(index);
    if (found === undefined) throw new Error(`there is no index "${index}"`);
    return found.get(value);
  }

  /** Keeps a frozen object, in the place of the one it replaces. */
  set(object: T): void {
    const key = formatKey(keyOf(object));
    this.#forget(key);
    this.#objects.set(key, object);
    for (const index of this.#allIndexes()) index.add(key, object);
  }

  delete(key: ObjectKey): void {
    this.#forget(formatKey(key));
    this.#objects.delete(formatKey(key));
  }

  /** Takes what is stored out of the indexes. */
  #forget(key: string): void {
    const object = this.#objects.get(key);
    if (object === undefined) return;
    for (const index of this.#allIndexes()) index.remove(key, object);
  }

  *#allIndexes(): Iterable<Index<T>> {
    yield this.#byNamespace;
    yield* this.#indexes.values();
  }
}

class Index<T> {
  readonly valuesOf: IndexFunction<T>;
  readonly #entries = new Map<string, Entries<T>>();

  constructor(valuesOf: IndexFunction<T>) {
    this.valuesOf = valuesOf;
  }

  get(value: string): T[] {
    return [...(this.#entries.get(value)?.values() ?? [])];
  }

  add(key: string, object: T): void {
    for (const value of this.valuesOf(object)) {
      const entries = this.#entries.get(value) ?? new Map<string, T>();
      this.#entries.set(value, entries.set(key, object));
    }
  }

  remove(key: string, object: T): void {
    for (const value of this.valuesOf(object)) {
      const entries = this.#entries.get(value);
      entries?.delete(key);
      if (entries?.size === 0) this.#entries.delete(value);
    }
  }
}

/** What is frozen already is taken to be frozen all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) deepFreeze(part);
  return Object.freeze(value);
}
