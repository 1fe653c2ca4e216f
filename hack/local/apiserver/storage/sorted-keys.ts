/**
 * The keys of one resource in the order in which lists return them. Insertion is a binary search
 * and one block move: for the tens of thousands of keys here cheaper than a tree.
 */
export class SortedKeys {
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  add(key: string): void {
    this.#keys.splice(this.#lowerBound(key), 0, key);
  }

  delete(key: string): void {
    this.#keys.splice(this.#lowerBound(key), 1);
  }

  /** Keys that start with `prefix`, from the first that comes after `after` on. */
  *range(prefix: string, after = ''): Generator<string> {
    const first = after >= prefix ? this.#lowerBound(`${after}\0`) : this.#lowerBound(prefix);
    for (let index = first; index < this.#keys.length; index++) {
      const key = this.#keys[index] ?? '';
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  #lowerBound(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? '') < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
