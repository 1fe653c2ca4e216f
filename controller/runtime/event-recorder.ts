import { events } from '#api/core.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { JitteredBackoff } from './backoff.ts';
import type { Client, ObjectKey } from './client/client.ts';
import { ApiError, isNotFound } from './client/errors.ts';
import { keyOf } from './client/object-key.ts';
import { RateLimiter } from './client/rate-limiter.ts';
import type { Clock } from './clock.ts';
import {
  eventIdentity,
  newEvent,
  objectIdentity,
  referenceTo,
  repetition,
  type EventText,
  type EventType,
  type Occurrences,
  type Reference,
} from './event.ts';
import type { Logger } from './log.ts';

/** Tells users what happens to an object (`kubectl describe` shows it). */
export interface EventRecorder {
  /** Returns at once and never throws. `reason` is UpperCamel, `message` a sentence for people. */
  event(object: KubernetesObject, type: EventType, reason: string, message: string): void;
}

export interface KubeEventRecorderOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  /** Who reports: the `From` column. */
  component: string;
}

/** Something that happened, perhaps several times; `stored` once the API server knows of it. */
interface Entry {
  readonly involved: Reference;
  readonly text: EventText;
  readonly times: Occurrences;
  stored?: ObjectKey;
}

const mostWaiting = 1_000;
/** How many events and objects are remembered, to count repetitions (as client-go). */
const mostRemembered = 4_096;
/** Per object: 25 at once, then one each five minutes (client-go's spam filter). */
const flood = { burst: 25, rate: 1 / 300 };
const mostAttempts = 5;

/**
 * Records Events through the API server, in order, beside the reconciles.
 *
 * Guarantees: an event never delays or fails its caller; a repetition raises the count of the first
 * one; an object that floods is cut short; at most 1,000 events wait, later ones are dropped.
 */
export class KubeEventRecorder implements EventRecorder {
  readonly #options: KubeEventRecorderOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #limiters = new Map<string, RateLimiter>();
  readonly #waiting = new Set<Entry>();
  readonly #stop = new AbortController();
  #writing: Promise<void> | undefined;

  constructor(options: KubeEventRecorderOptions) {
    this.#options = options;
  }

  event(object: KubernetesObject, type: EventType, reason: string, message: string): void {
    const { clock, log } = this.#options;
    const involved = referenceTo(object);
    const text = { type, reason, message };
    if (this.#stop.signal.aborted || !this.#limiter(involved).tryAcquire()) return;
    const entry = this.#entry(involved, text);
    if (this.#waiting.size >= mostWaiting && !this.#waiting.has(entry)) {
      log.debug('Dropping an event, too many wait', { [involved.kind]: involved.name, ...text });
      return;
    }
    entry.times.count += 1;
    entry.times.last = clock.now();
    this.#waiting.add(entry);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when all events so far are written, or after `timeout` milliseconds. */
  async flush(timeout: number): Promise<void> {
    if (this.#writing === undefined) return;
    const elapsed = Promise.withResolvers<void>();
    const timer = this.#options.clock.setTimeout(elapsed.resolve, timeout);
    await Promise.race([this.#writing, elapsed.promise]);
    timer.cancel();
  }

  /** Flushes, then gives up what is left and accepts no more. */
  async stop(timeout: number): Promise<void> {
    await this.flush(timeout);
    this.#stop.abort();
    this.#waiting.clear();
    await this.#writing;
  }

  #entry(involved: Reference, text: EventText): Entry {
    const now = this.#options.clock.now();
    return remember(this.#entries, eventIdentity(involved, text), () => {
      return { involved, text, times: { count: 0, first: now, last: now } };
    });
  }

  #limiter(involved: Reference): RateLimiter {
    const { clock } = this.#options;
    const create = (): RateLimiter => new RateLimiter({ clock, ...flood });
    return remember(this.#limiters, objectIdentity(involved), create);
  }

  async #writeAll(): Promise<void> {
    for (const entry of this.#waiting) {
      this.#waiting.delete(entry);
      await this.#write(entry).catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        const { involved, text } = entry;
        const values = { [involved.kind]: involved.name, reason: text.reason };
        this.#options.log.error('Failed to record an event', error, values);
      });
    }
    this.#writing = undefined; // in step with the loop, so that no event falls in between
  }

  async #write(entry: Entry): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stop;
    const backoff = new JitteredBackoff({ shortest: 200, longest: 10_000, random: Math.random });
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#send(entry, signal);
      } catch (error) {
        // An answer is final: it would be the same again. Without an answer the event may be stored.
        if (error instanceof ApiError || attempt === mostAttempts) throw error;
      }
      await clock.sleep(backoff.next(), signal);
    }
  }

  async #send(entry: Entry, signal: AbortSignal): Promise<void> {
    const { client, component } = this.#options;
    if (entry.stored !== undefined) {
      try {
        await client.patch(events, entry.stored, repetition(entry.times), { signal });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error; // gone: the API server forgets events after an hour
      }
    }
    const event = newEvent(entry.involved, entry.text, entry.times, component);
    entry.stored = keyOf(await client.create(events, event, { signal }));
  }
}

/** What is remembered under `key`, created if need be; the least recently used is forgotten. */
function remember<Value>(memory: Map<string, Value>, key: string, create: () => Value): Value {
  const value = memory.get(key) ?? create();
  memory.delete(key);
  memory.set(key, value);
  const [oldest] = memory.keys();
  if (memory.size > mostRemembered && oldest !== undefined) memory.delete(oldest);
  return value;
}
