import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObservedRequest } from './client/transport.ts';
import type { QueueObserver } from './workqueue/queue.ts';

/** How a reconcile ended, as the metrics name it. */
export const reconcileResults = ['success', 'requeue_after', 'terminal', 'error'] as const;
export type ReconcileResult = (typeof reconcileResults)[number];

/** Where a controller tells what it does. Durations in seconds. */
export interface ControllerMetrics {
  readonly queue: QueueObserver;
  workerStarted(): void;
  workerStopped(): void;
  reconciled(result: ReconcileResult, seconds: number): void;
  retried(): void;
}

/** What is asked of a queue when the metrics are read. */
export interface ObservableQueue {
  readonly length: number;
  readonly secondsInProcess: readonly number[];
}

/** The buckets of controller-runtime and client-go, so that their dashboards fit. */
const reconcileBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1,
  1.25, 1.5, 1.75, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40, 50, 60,
];
const queueBuckets = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];

/**
 * The metrics of one process, in a registry of their own, under the names that controller-runtime
 * and client-go use. The series of a controller exist, at zero, as soon as it does.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #queues = new Map<string, ObservableQueue>();
  readonly #reconciles = this.#counter(
    'controller_runtime_reconcile_total',
    'Reconciles by result.',
    ['controller', 'result'],
  );
  readonly #errors = this.#counter(
    'controller_runtime_reconcile_errors_total',
    'Reconciles that failed.',
    ['controller'],
  );
  readonly #terminalErrors = this.#counter(
    'controller_runtime_terminal_reconcile_errors_total',
    'Reconciles that failed and are not retried.',
    ['controller'],
  );
  readonly #reconcileTime = this.#histogram(
    'controller_runtime_reconcile_time_seconds',
    'How long reconciles took.',
    ['controller'],
    reconcileBuckets,
  );
  readonly #maxWorkers = this.#gauge(
    'controller_runtime_max_concurrent_reconciles',
    'How many reconciles may run at the same time.',
    ['controller'],
  );
  readonly #activeWorkers = this.#gauge(
    'controller_runtime_active_workers',
    'How many reconciles run.',
    ['controller'],
  );
  readonly #adds = this.#counter('workqueue_adds_total', 'Keys that were added.', ['name']);
  readonly #retries = this.#counter('workqueue_retries_total', 'Keys that were retried.', ['name']);
  readonly #waitTime = this.#histogram(
    'workqueue_queue_duration_seconds',
    'How long keys waited for a worker.',
    ['name'],
    queueBuckets,
  );
  readonly #workTime = this.#histogram(
    'workqueue_work_duration_seconds',
    'How long workers were busy with a key.',
    ['name'],
    queueBuckets,
  );
  readonly #requests = this.#counter(
    'rest_client_requests_total',
    'Requests to the API server by method and status code.',
    ['code', 'method', 'host'],
  );
  readonly #leads = this.#gauge(
    'leader_election_master_status',
    'Whether this process holds the lease.',
    ['name'],
  );

  /** @param options.process whether to add the CPU, memory and event loop of the process */
  constructor(options: { process?: boolean } = {}) {
    this.#queueGauge('workqueue_depth', 'Keys that wait.', (queue) => queue.length);
    this.#queueGauge(
      'workqueue_unfinished_work_seconds',
      'How long all workers together have been busy with their keys.',
      ({ secondsInProcess }) => secondsInProcess.reduce((sum, seconds) => sum + seconds, 0),
    );
    this.#queueGauge(
      'workqueue_longest_running_processor_seconds',
      'How long the slowest worker has been busy with its key.',
      ({ secondsInProcess }) => Math.max(0, ...secondsInProcess),
    );
    if (options.process === true) collectDefaultMetrics({ register: this.registry });
  }

  controller(name: string, concurrency: number): ControllerMetrics {
    const controller = { controller: name };
    const workqueue = { name };
    this.#maxWorkers.set(controller, concurrency);
    this.#activeWorkers.set(controller, 0);
    for (const result of reconcileResults) this.#reconciles.inc({ ...controller, result }, 0);
    for (const counter of [this.#errors, this.#terminalErrors]) counter.inc(controller, 0);
    for (const counter of [this.#adds, this.#retries]) counter.inc(workqueue, 0);
    return {
      queue: {
        added: () => this.#adds.inc(workqueue),
        taken: (seconds) => this.#waitTime.observe(workqueue, seconds),
        finished: (seconds) => this.#workTime.observe(workqueue, seconds),
      },
      workerStarted: () => this.#activeWorkers.inc(controller),
      workerStopped: () => this.#activeWorkers.dec(controller),
      reconciled: (result, seconds) => {
        this.#reconciles.inc({ ...controller, result });
        this.#reconcileTime.observe(controller, seconds);
        if (result === 'error' || result === 'terminal') this.#errors.inc(controller);
        if (result === 'terminal') this.#terminalErrors.inc(controller);
      },
      retried: () => this.#retries.inc(workqueue),
    };
  }

  /** Reads the queue whenever the metrics are read. */
  observeQueue(name: string, queue: ObservableQueue): void {
    this.#queues.set(name, queue);
  }

  /** For `KubeClient`'s `requestObserver`. */
  readonly requested = ({ code, method, host }: ObservedRequest): void => {
    this.#requests.inc({ code, method, host });
  };

  leads(name: string, isLeader: boolean): void {
    this.#leads.set({ name }, isLeader ? 1 : 0);
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, labelNames: Label[]): Gauge<Label> {
    return new Gauge({ name, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    buckets: number[],
  ): Histogram<Label> {
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] });
  }

  /** A gauge that asks every queue when it is read. */
  #queueGauge(name: string, help: string, read: (queue: ObservableQueue) => number): void {
    const queues = this.#queues;
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['name'],
      registers: [this.registry],
      collect: () => {
        for (const [queueName, queue] of queues) gauge.set({ name: queueName }, read(queue));
      },
    });
  }
}
