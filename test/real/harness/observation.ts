import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import type { Client } from '#runtime/client/client.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';

/** What a watch has shown of one kind: every version of every object. Names are unique in a cluster. */
export class Observation<T extends KubernetesObject> {
  readonly #history = new Map<string, T[]>();
  readonly #present = new Map<string, T>();
  readonly #seenAt = new WeakMap<T, number>();
  readonly #reflector: Reflector<T>;

  constructor(client: Client, kind: Kind<T>) {
    this.#reflector = new Reflector({
      client,
      kind,
      clock: realClock,
      log: silentLogger,
      sink: {
        replace: (objects) => objects.forEach((object) => this.#see(object)),
        apply: (type, object) => {
          this.#see(object);
          if (type === 'DELETED') this.#present.delete(object.metadata.name ?? '');
        },
      },
    });
  }

  run(signal: AbortSignal): Promise<void> {
    return this.#reflector.run(signal);
  }

  /** As it is now. */
  get(name: string): T | undefined {
    return this.#present.get(name);
  }

  /** As it has ever been, in order. */
  history(name: string): readonly T[] {
    return this.#history.get(name) ?? [];
  }

  /** When a version was seen: milliseconds since 1970. */
  seenAt(version: T): number {
    return this.#seenAt.get(version) ?? Number.NaN;
  }

  /** All there are now. */
  all(): T[] {
    return [...this.#present.values()];
  }

  #see(object: T): void {
    const { name = '' } = object.metadata;
    this.#present.set(name, object);
    this.#seenAt.set(object, performance.timeOrigin + performance.now());
    this.#history.set(name, [...this.history(name), object]);
  }
}
