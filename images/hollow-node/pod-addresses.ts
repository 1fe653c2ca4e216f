import { createHash } from 'node:crypto';

/**
 * Hands out Pod addresses: unique among all that share one instance, and most likely among processes
 * that do not. They come from 240.0.0.0/4, which is reserved, so none ever belongs to a real machine.
 */
export class PodAddresses {
  readonly #used = new Set<string>();
  #next: number;

  /** @param seed where to begin: a name that no other process uses */
  constructor(seed: string) {
    this.#next = createHash('sha256').update(seed).digest().readUInt32BE();
  }

  allocate(): string {
    for (;;) {
      this.#next = (this.#next + 1) % 2 ** 32;
      const address = format(this.#next);
      if (this.claim(address)) return address;
    }
  }

  /** Takes an address that a Pod has already; false when another Pod has it. */
  claim(address: string): boolean {
    if (this.#used.has(address)) return false;
    this.#used.add(address);
    return true;
  }

  release(address: string): void {
    this.#used.delete(address);
  }
}

/** Within 240.0.0.0/4, but not 255.0.0.0/8, where the broadcast address is. */
function format(number: number): string {
  const first = 240 + ((number >>> 24) % 15);
  return [first, (number >>> 16) & 255, (number >>> 8) & 255, number & 255].join('.');
}
