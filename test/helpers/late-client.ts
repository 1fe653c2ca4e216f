import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { WatchEvent, WatchOptions } from '#runtime/client/client.ts';
import { KubeClient, type KubeClientOptions } from '#runtime/client/kube-client.ts';
import type { Clock } from '#runtime/clock.ts';

/** A client that hears of every change some time after it happened; its own requests are answered at once. */
export class LateClient extends KubeClient {
  readonly #clock: Clock;
  readonly #delay: number;

  /** @param late milliseconds of a clock that need not be the client's */
  constructor(options: KubeClientOptions, late: { clock: Clock; delay: number }) {
    super(options);
    this.#clock = late.clock;
    this.#delay = late.delay;
  }

  override async *watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const received: { event: WatchEvent<T>; due: number }[] = [];
    let isOver = false;
    let wake = Promise.withResolvers<void>();
    const receive = async (): Promise<void> => {
      try {
        for await (const event of super.watch(kind, options)) {
          received.push({ event, due: this.#clock.monotonic() + this.#delay });
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
        const rest = next.due - this.#clock.monotonic();
        if (rest > 0) await this.#clock.sleep(rest, options.signal);
        yield next.event;
      } else if (isOver) return ended;
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
  }
}
