import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { WatchEvent, WatchOptions } from '#runtime/client/client.ts';
import { KubeClient, type KubeClientOptions } from '#runtime/client/kube-client.ts';
import type { Clock } from '#runtime/clock.ts';

export interface Lateness {
  /** Need not be the client's. */
  clock: Clock;
  /** Milliseconds. */
  delay: number;
  /** Whose changes come late; absent: those of all kinds. */
  kinds?: readonly Kind[];
}

/** A client that hears of changes some time after they happened; its own requests are answered at once. */
export class LateClient extends KubeClient {
  readonly #late: Lateness;

  constructor(options: KubeClientOptions, late: Lateness) {
    super(options);
    this.#late = late;
  }

  override async *watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const { clock, kinds } = this.#late;
    const delay = kinds?.every((late) => late.kind !== kind.kind) ? 0 : this.#late.delay;
    const received: { event: WatchEvent<T>; due: number }[] = [];
    let isOver = false;
    let wake = Promise.withResolvers<void>();
    const receive = async (): Promise<void> => {
      try {
        for await (const event of super.watch(kind, options)) {
          received.push({ event, due: clock.monotonic() + delay });
          wake.resolve();
        }
      } finally {
        isOver = true;
        wake.resolve();
      }
    };
    const ended = receive();
    ended.catch(() => {}); // thrown below, where it is waited for
    for (;;) {
      const next = received.shift();
      if (next !== undefined) {
        const rest = next.due - clock.monotonic();
        if (rest > 0) await clock.sleep(rest, options.signal);
        yield next.event;
      } else if (isOver) return ended;
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  }
}
