import { randomUUID } from 'node:crypto';
import type { KubernetesObject } from '#api/meta.ts';
import { whenAborted } from './abort.ts';
import type { Informer, InformerEvent } from './cache/informer.ts';
import { isConflict } from './client/errors.ts';
import { formatKey, parseKey } from './client/object-key.ts';
import type { Clock } from './clock.ts';
import type { ToKeys } from './handler.ts';
import type { Logger, LogValues } from './log.ts';
import type { ControllerMetrics, Metrics } from './metrics.ts';
import { TerminalError, type Context, type Reconciler } from './reconcile.ts';
import { DelayingQueue } from './workqueue/delaying-queue.ts';
import { KeyBackoff } from './workqueue/rate-limiter.ts';

export interface ControllerOptions {
  /** In logs and metrics. */
  name: string;
  /** What logs call keys that do not name an object of the kind that is watched first, e.g. `uid`. */
  keyName?: string;
  reconciler: Reconciler;
  /** How many keys are reconciled at the same time. */
  concurrency?: number;
  /** Milliseconds a key that keeps failing waits at most; the first time it waits 5 ms. */
  longestBackoff?: number;
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
}

/** What a reconcile came to; a result is the name it has in the metrics. */
type Outcome =
  | { result: 'success' }
  | { result: 'requeue_after'; requeueAfter: number }
  | { result: 'terminal' | 'error'; error: unknown };

const shortestBackoff = 5;
/** Milliseconds that running reconciles have to finish after the stop. */
const stopTimeout = 10_000;

/**
 * Changes → keys → workers → `reconcile` → one switch over its outcomes.
 *
 * Guarantees: nothing is reconciled before all watched informers have synced; a key is reconciled by
 * one worker at a time; after a change that leads to a key, that key is reconciled once more.
 */
export class Controller {
  readonly name: string;
  readonly #keyName: string | undefined;
  readonly #reconciler: Reconciler;
  readonly #concurrency: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #queue: DelayingQueue;
  readonly #backoff: KeyBackoff;
  readonly #metrics: ControllerMetrics | undefined;
  readonly #informers: { name: string; synced(signal: AbortSignal): Promise<void> }[] = [];

  constructor(options: ControllerOptions) {
    const { name, concurrency = 10, longestBackoff = 300_000, clock, metrics } = options;
    this.name = name;
    this.#keyName = options.keyName;
    this.#reconciler = options.reconciler;
    this.#concurrency = concurrency;
    this.#clock = clock;
    this.#log = options.log.with({ controller: name });
    this.#metrics = metrics?.controller(name, concurrency);
    this.#queue = new DelayingQueue({ clock, observer: this.#metrics?.queue });
    this.#backoff = new KeyBackoff({ shortest: shortestBackoff, longest: longestBackoff });
    metrics?.observeQueue(name, this.#queue);
  }

  /** Reconciles what `toKeys` makes of a change. The first informer is of the kind that is reconciled. */
  watch<T extends KubernetesObject>(
    informer: Informer<T>,
    toKeys: ToKeys<T>,
    predicate: (event: InformerEvent<T>) => boolean = () => true,
  ): this {
    this.#informers.push(informer);
    informer.addHandler((event) => {
      if (!predicate(event)) return;
      for (const key of toKeys(event)) this.#queue.add(formatKey(key));
    });
    return this;
  }

  /**
   * Runs until `signal` aborts and what is being reconciled then has finished, or 10 s later.
   *
   * @param writing when this aborts, running reconciles must stop at once: another may lead now
   */
  async run(signal: AbortSignal, writing?: AbortSignal): Promise<void> {
    const overtime = new AbortController();
    const limits = writing === undefined ? [overtime.signal] : [overtime.signal, writing];
    const stop = AbortSignal.any([signal, ...limits]);
    const stopped = whenAborted(stop);
    try {
      await Promise.all(this.#informers.map((informer) => informer.synced(stop)));
    } catch {
      return; // stopped before there was anything to do
    }
    this.#log.info('Starting workers', { workers: this.#concurrency });
    const limit = AbortSignal.any(limits);
    const workers = Array.from({ length: this.#concurrency }, () => this.#work(limit));
    await stopped;
    this.#queue.shutDown();
    const timer = this.#clock.setTimeout(() => overtime.abort(), stopTimeout);
    await Promise.race([Promise.all(workers), whenAborted(limit)]);
    timer.cancel();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (;;) {
      const item = await this.#queue.take();
      if (item === undefined) return;
      this.#metrics?.workerStarted();
      await this.#process(item, signal);
      this.#metrics?.workerStopped();
      this.#queue.done(item);
    }
  }

  async #process(item: string, signal: AbortSignal): Promise<void> {
    const log = this.#log.with({ ...this.#describe(item), reconcileID: randomUUID() });
    const startedAt = this.#clock.monotonic();
    const outcome = await this.#reconcile(item, { signal, log });
    const seconds = (this.#clock.monotonic() - startedAt) / 1000;
    this.#metrics?.reconciled(outcome.result, seconds);
    switch (outcome.result) {
      case 'success':
        this.#backoff.forget(item);
        log.debug('Reconciled');
        break;
      case 'requeue_after':
        this.#backoff.forget(item);
        this.#queue.addAfter(item, outcome.requeueAfter);
        log.debug('Reconciled, coming back later', { requeueAfter: outcome.requeueAfter });
        break;
      case 'terminal':
        this.#backoff.forget(item);
        log.error('Failed to reconcile, waiting for a change', outcome.error);
        break;
      case 'error': {
        const delay = this.#backoff.next(item);
        this.#queue.addAfter(item, delay);
        this.#metrics?.retried();
        const isOrdinary = signal.aborted || isConflict(outcome.error);
        if (isOrdinary) log.debug('Interrupted, retrying', outcome);
        else log.error('Failed to reconcile, retrying', outcome.error, { retryAfter: delay });
        break;
      }
    }
  }

  #describe(item: string): LogValues {
    if (this.#keyName !== undefined) return { [this.#keyName]: item };
    return { [this.#informers[0]?.name ?? this.name]: parseKey(item) };
  }

  async #reconcile(item: string, context: Context): Promise<Outcome> {
    try {
      const { requeueAfter } = await this.#reconciler.reconcile(context, parseKey(item));
      if (requeueAfter === undefined) return { result: 'success' };
      return { result: 'requeue_after', requeueAfter };
    } catch (error) {
      return { result: error instanceof TerminalError ? 'terminal' : 'error', error };
    }
  }
}
