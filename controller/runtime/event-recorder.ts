import { events } from '#api/core.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { JitteredBackoff } from './backoff.ts';
import type { Client } from './client/client.ts';
import { ApiError, isAlreadyExists, isNotFound } from './client/errors.ts';
import { RateLimiter } from './client/rate-limiter.ts';
import type { Clock } from './clock.ts';
import {
  eventIdentity,
  newEvent,
  newOccurrence,
  objectIdentity,
  referenceTo,
  repetition,
  type EventText,
  type EventType,
  type Occurrence,
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

interface Entry extends Occurrence {
  /** Whether the API server knows of it. */
  isStored?: boolean;
}

const mostWaiting = 1_000;
/** How many events and objects are remembered, to count repetitions (as client-go). */
const mostRemembered = 4_096;
/**
 * Per object and reason: 25 at once, then one each minute. client-go's spam filter, which counts all of an
 * object together and lets one pass each five minutes, loses what a machine is asked to suffer in a long test.
 */
const flood = { burst: 25, rate: 1 / 60 };
const mostAttempts = 5;

/**
 * Records Events through the API server, in order, beside the reconciles.
 *
 * Guarantees: an event never delays or fails its caller; a repetition raises the count of the first
 * one; an object that floods is cut short, with that reason only; at most 1,000 events wait, later ones are dropped.
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
    if (this.#stop.signal.aborted || !this.#limiter(involved, reason).tryAcquire()) return;
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
    const create = (): Entry => newOccurrence(involved, text, now);
    return remember(this.#entries, eventIdentity(involved, text), create);
  }

  #limiter(involved: Reference, reason: string): RateLimiter {
    const { clock } = this.#options;
    const create = (): RateLimiter => new RateLimiter({ clock, ...flood });
    return remember(this.#limiters, `${objectIdentity(involved)} ${reason}`, create);
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
        if (isFinal(error) || attempt === mostAttempts) throw error;
      }
      await clock.sleep(backoff.next(), signal);
    }
  }

  async #send(entry: Entry, signal: AbortSignal): Promise<void> {
    const { client, component } = this.#options;
    if (entry.isStored) {
      try {
        await client.patch(events, entry.key, repetition(entry.times), { signal });
        return;
      } catch (error) {
        if (!isNotFound(error)) throw error; // gone: the API server forgets events after an hour
      }
    }
    try {
      await client.create(events, newEvent(entry, component), { signal });
    } catch (error) {
      if (!isAlreadyExists(error)) throw error; // only the answer to an earlier attempt was lost
    }
    entry.isStored = true;
  }
}

/** The server has decided; it was not just busy or out of reach. */
function isFinal(error: unknown): boolean {
  return error instanceof ApiError && error.status.code < 500;
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
