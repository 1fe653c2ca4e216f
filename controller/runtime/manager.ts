import type { EventRecorder } from './event-recorder.ts';
import type { LeaderElector } from './leader-election.ts';
import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';
import { Probes } from './probes.ts';

export interface ManagerOptions {
  log: Logger;
  metrics: Metrics;
  /** Where `/healthz` and `/readyz` are served, e.g. `:8081`; `0`: nowhere. */
  healthAddress: string;
  /** Where `/metrics` is served. */
  metricsAddress: string;
  informers: readonly ManagedInformer[];
  controllers: readonly ManagedController[];
  /** Absent: leads without asking. */
  elector?: LeaderElector;
  events?: EventRecorder & { stop(timeout: number): Promise<void> };
}

export interface ManagedInformer {
  readonly name: string;
  readonly hasSynced: boolean;
  run(signal: AbortSignal): Promise<void>;
}

export interface ManagedController {
  run(signal: AbortSignal, leading?: AbortSignal): Promise<void>;
}

/** Milliseconds that events which wait may take at the stop. */
const eventsTimeout = 3_000;

/**
 * Starts everything in order and stops it in reverse: probes, informers, leadership, controllers.
 *
 * Informers run without leadership, so that a new leader has a warm cache.
 */
export class Manager {
  readonly #options: ManagerOptions;
  readonly #probes: Probes;

  constructor(options: ManagerOptions) {
    const { healthAddress, metricsAddress, metrics, log, informers } = options;
    this.#options = options;
    this.#probes = new Probes({
      healthAddress,
      metricsAddress,
      log,
      registry: metrics.registry,
      unready: () => informers.filter(({ hasSynced }) => !hasSynced).map(({ name }) => name),
    });
  }

  /**
   * Resolves when `signal` has aborted, running reconciles have finished, events are written and the
   * lease is released.
   *
   * @throws LeadershipLostError at once when another may lead; Error when a port is taken
   */
  async run(signal: AbortSignal): Promise<void> {
    const { log, informers, elector } = this.#options;
    const background = new AbortController();
    const running: Promise<void>[] = [];
    try {
      await this.#probes.start();
      running.push(...informers.map((informer) => informer.run(background.signal)));
      if (elector === undefined) await this.#lead(signal);
      else await elector.run(signal, (leading) => this.#lead(signal, leading));
    } finally {
      log.info('Stopping informers and probes');
      background.abort();
      await Promise.all(running);
      await this.#probes.close();
    }
  }

  async #lead(signal: AbortSignal, leading?: AbortSignal): Promise<void> {
    const { controllers, events } = this.#options;
    await Promise.all(controllers.map((controller) => controller.run(signal, leading)));
    await events?.stop(leading?.aborted ? 0 : eventsTimeout);
  }
}
