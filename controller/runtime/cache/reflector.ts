import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { JitteredBackoff } from '../backoff.ts';
import type { Client, ListOptions, WatchEvent } from '../client/client.ts';
import { ApiError, isGone } from '../client/errors.ts';
import type { Clock } from '../clock.ts';
import { Deadline } from '../deadline.ts';
import type { Logger } from '../log.ts';

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** Receives a copy of the server's state, in the server's order. */
export interface Sink<T> {
  /** Everything there was at a version: what was known before and is not among them is gone. */
  replace(objects: T[], resourceVersion: string): void;
  apply(type: ChangeType, object: T): void;
}

export interface Selection {
  /** Restricts to one namespace; absent: all. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ReflectorOptions<T extends KubernetesObject> extends Selection {
  client: Client;
  kind: Kind<T>;
  clock: Clock;
  log: Logger;
  sink: Sink<T>;
  /** 0 ≤ x < 1; spreads watches and retries of many clients. */
  random?: () => number;
}

const pageSize = 500;
const shortestBackoff = 200;
const longestBackoff = 30_000;
/** Seconds after which the server ends a watch; random, so that not all come back at once. */
const shortestWatch = 300;
const longestWatch = 600;
/** A watch the server did not end by then has lost its connection without our noticing. */
const watchSlack = 15_000;

/**
 * Keeps a sink equal to what the server has: list, watch, and whenever a watch ends, watch again
 * from the last version seen.
 *
 * Guarantees: no change is missed, changes arrive in order, a change between two lists may arrive
 * merged with a later one. A watch that lived is followed by the next one at once; only failures in a
 * row are paced. An expired version leads to a new list.
 */
export class Reflector<T extends KubernetesObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #selection: Selection;
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #backoff: JitteredBackoff;
  /** Where the next watch starts; absent: list first. */
  #resourceVersion: string | undefined;

  constructor(options: ReflectorOptions<T>) {
    const { kind, namespace, labelSelector, fieldSelector, log, random = Math.random } = options;
    this.#options = options;
    this.#selection = {
      ...(namespace && { namespace }),
      ...(labelSelector && { labelSelector }),
      ...(fieldSelector && { fieldSelector }),
    };
    this.#log = log.with({ kind: kind.kind, ...this.#selection });
    this.#random = random;
    this.#backoff = new JitteredBackoff({
      shortest: shortestBackoff,
      longest: longestBackoff,
      random,
    });
  }

  /** Resolves when `signal` aborts; nothing else ends it. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#resourceVersion ??= await this.#list(signal);
        await this.#watch(this.#resourceVersion, signal);
      } catch (error) {
        if (signal.aborted) return;
        this.#handle(error);
      }
      await this.#pause(signal);
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { client, kind, sink } = this.#options;
    const objects: T[] = [];
    let page: ListOptions = { ...this.#selection, limit: pageSize, signal };
    for (;;) {
      const { items, resourceVersion, continueToken } = await client.list(kind, page);
      objects.push(...items);
      if (continueToken === undefined) {
        sink.replace(objects, resourceVersion);
        return resourceVersion;
      }
      page = { ...page, continueToken };
    }
  }

  /** Ends when the watch does, and forgets earlier failures if this one was of use. */
  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { client, kind, clock } = this.#options;
    const timeoutSeconds = Math.round(
      shortestWatch + this.#random() * (longestWatch - shortestWatch),
    );
    using guard = new Deadline(clock, timeoutSeconds * 1000 + watchSlack, signal);
    const startedAt = clock.monotonic();
    let wasRefused = false;
    try {
      const options = { ...this.#selection, resourceVersion, timeoutSeconds, signal: guard.signal };
      for await (const event of client.watch(kind, options)) this.#receive(event);
    } catch (error) {
      // A server that is too busy to watch takes its time to say so.
      wasRefused = error instanceof ApiError && !isGone(error);
      throw error;
    } finally {
      const hasLived = clock.monotonic() - startedAt >= shortestBackoff;
      if (hasLived && !wasRefused) this.#backoff.reset();
    }
  }

  #receive(event: WatchEvent<T>): void {
    if (event.type !== 'BOOKMARK') {
      this.#options.sink.apply(event.type, event.object);
      this.#backoff.reset();
    }
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const delay = this.#backoff.next();
    if (delay === 0) return;
    await this.#options.clock.sleep(delay, signal).catch(() => {}); // aborted: run() sees it
  }

  #handle(error: unknown): void {
    if (isGone(error)) this.#log.debug('Listing again, the version to resume from has expired');
    else if (this.#backoff.isPacing) this.#log.error('Failed to list or watch', error);
    else this.#log.debug('Lost a watch', { error });
    if (!isWorthResuming(error)) this.#resourceVersion = undefined;
  }
}

/**
 * Whether the version stays good: the connection broke or the server is busy. After any other answer
 * (expired, too large after a restored backup, forbidden) only a list leads on.
 */
function isWorthResuming(error: unknown): boolean {
  return !(error instanceof ApiError) || [429, 500, 503].includes(error.status.code);
}
