import type { Event } from '#api/core.ts';
import { events as eventKind } from '#api/core.ts';
import type { Client, ListOptions } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import { Ticker } from '../shared/ticker.ts';

export interface EventTtlDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  /** Milliseconds an Event is kept after its last occurrence. */
  timeToLive: number;
}

const passes = 12;
const pageSize = 500;

/**
 * Deletes old Events. A real API server lets etcd forget them (`--event-ttl`, one hour); here
 * somebody has to.
 */
export class EventTtl {
  readonly name = 'event-ttl';
  readonly #deps: EventTtlDeps;

  constructor(deps: EventTtlDeps) {
    this.#deps = deps;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log, timeToLive } = this.#deps;
    await new Ticker(clock, timeToLive / passes).run(signal, async () => {
      try {
        await this.#deleteOld(signal);
      } catch (error) {
        if (!signal.aborted) log.error('Failed to delete old events', error);
      }
    });
  }

  async #deleteOld(signal: AbortSignal): Promise<void> {
    const { client, clock, timeToLive } = this.#deps;
    const oldest = clock.now() - timeToLive;
    let page: ListOptions = { limit: pageSize, signal };
    for (;;) {
      const { items, continueToken } = await client.list(eventKind, page);
      for (const event of items.filter((each) => lastSeen(each) < oldest)) {
        await ifFound(client.delete(eventKind, keyOf(event), { signal }));
      }
      if (continueToken === undefined) return;
      page = { ...page, continueToken };
    }
  }
}

/** Milliseconds since the epoch. Each API writes another one of these times. */
function lastSeen({ lastTimestamp, series, eventTime, metadata }: Event): number {
  const time =
    series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
  return Date.parse(time);
}
