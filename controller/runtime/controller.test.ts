import test from 'ava';
import type { ExecutionContext } from 'ava';
import { pods, type Pod } from '#api/core.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { Informer } from './cache/informer.ts';
import type { Client, ObjectKey } from './client/client.ts';
import { ApiError } from './client/errors.ts';
import { formatKey } from './client/object-key.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { enqueueMapped, enqueueSelf } from './handler.ts';
import { silentLogger, type Logger, type LogValues } from './log.ts';
import { Metrics } from './metrics.ts';
import { done, TerminalError, type Context, type Result } from './reconcile.ts';
import { pod } from './testing/objects.ts';

type Reconcile = (key: string, context: Context) => Result | Promise<Result>;

/** A controller of Pods whose informer is fed by the test. */
class Bench {
  readonly clock = new FakeClock();
  readonly metrics = new Metrics();
  readonly stop = new AbortController();
  readonly leading = new AbortController();
  /** Keys in the order in which their reconciles began. */
  readonly reconciled: string[] = [];
  readonly logged: { level: string; message: string; values: LogValues }[] = [];
  readonly informer: Informer<Pod>;
  readonly controller: Controller;
  running: Promise<void> = Promise.resolve();

  constructor(reconcile: Reconcile, options: Partial<ControllerOptions> = {}) {
    const { clock, metrics, reconciled } = this;
    const client: Client = Object.create(null);
    this.informer = new Informer<Pod>({ client, kind: pods, clock, log: silentLogger });
    const reconciler = {
      reconcile: async (context: Context, key: ObjectKey) => {
        reconciled.push(formatKey(key));
        return reconcile(formatKey(key), context);
      },
    };
    const log = this.#logger({});
    this.controller = new Controller({ name: 'pod', reconciler, clock, log, metrics, ...options });
  }

  /** Watches Pods and waits until the workers are there. */
  async start(t: ExecutionContext, ...objects: Pod[]): Promise<this> {
    this.controller.watch(this.informer, enqueueSelf);
    this.running = this.controller.run(this.stop.signal, this.leading.signal);
    t.teardown(() => this.leading.abort());
    this.informer.replace(objects, '1');
    await this.clock.advance(0);
    return this;
  }

  async change(name: string, version: number): Promise<void> {
    this.informer.apply('MODIFIED', pod(name, version));
    await this.clock.advance(0);
  }

  async metric(name: string, labels: Record<string, string>): Promise<number | undefined> {
    const metric = await this.metrics.registry.getSingleMetric(name)?.get();
    const found = metric?.values.find(({ labels: actual }) =>
      Object.entries(labels).every(([label, value]) => actual[label] === value),
    );
    return found?.value;
  }

  #logger(bound: LogValues): Logger {
    const log = (level: string, message: string, values: LogValues = {}): void => {
      this.logged.push({ level, message, values: { ...bound, ...values } });
    };
    return {
      debug: (message, values) => log('debug', message, values),
      info: (message, values) => log('info', message, values),
      error: (message, error, values) => log('error', message, { ...values, error }),
      with: (values) => this.#logger({ ...bound, ...values }),
    };
  }
}

test('nothing is reconciled before everything watched has synced', async (t) => {
  const bench = new Bench(() => done);
  const client: Client = Object.create(null);
  const { clock } = bench;
  const other = new Informer<Pod>({ client, kind: pods, clock, log: silentLogger });
  bench.controller.watch(other, enqueueSelf);
  await bench.start(t, pod('a', 1));
  t.deepEqual(bench.reconciled, []);
  other.replace([pod('b', 1)], '1');
  await bench.clock.advance(0);
  t.deepEqual(bench.reconciled, ['default/a', 'default/b']);
});

function fail(): never {
  throw new Error('broken');
}

function onNode(name: string, nodeName: string, version = 1): Pod {
  return pod(name, version, { spec: { containers: [], nodeName } });
}

test('a change is reconciled once, however many objects lead to it', async (t) => {
  const bench = new Bench(() => done);
  const owner = enqueueMapped(({ spec }: Pod) =>
    spec?.nodeName ? [{ namespace: '', name: spec.nodeName }] : [],
  );
  bench.controller.watch(bench.informer, owner, ({ type }) => type !== 'deleted');
  bench.running = bench.controller.run(bench.stop.signal);
  bench.informer.replace([onNode('a', 'n1'), onNode('b', 'n1')], '1');
  await bench.clock.advance(0);
  t.deepEqual(bench.reconciled, ['n1']);
  bench.informer.apply('MODIFIED', onNode('a', 'n2', 2));
  await bench.clock.advance(0);
  t.deepEqual(bench.reconciled, ['n1', 'n1', 'n2'], 'also the node it left');
  bench.informer.apply('DELETED', onNode('a', 'n2', 3));
  await bench.clock.advance(0);
  t.is(bench.reconciled.length, 3, 'the predicate holds deletions back');
  bench.stop.abort();
  await bench.running;
});

test('a key that changes while it is reconciled is reconciled again afterwards', async (t) => {
  const gate = Promise.withResolvers<Result>();
  let parallel = 0;
  let most = 0;
  const bench = await new Bench(async () => {
    most = Math.max(most, ++parallel);
    await gate.promise;
    parallel -= 1;
    return done;
  }).start(t, pod('a', 1));
  await bench.change('a', 2);
  await bench.change('a', 3);
  t.is(bench.reconciled.length, 1);
  gate.resolve(done);
  await bench.clock.advance(0);
  t.is(bench.reconciled.length, 2);
  t.is(most, 1);
});

test('as many keys as configured are reconciled at the same time', async (t) => {
  const gate = Promise.withResolvers<Result>();
  const all = ['a', 'b', 'c', 'd', 'e'].map((name) => pod(name, 1));
  const bench = await new Bench(() => gate.promise, { concurrency: 3 }).start(t, ...all);
  t.is(bench.reconciled.length, 3);
  t.is(await bench.metric('controller_runtime_active_workers', { controller: 'pod' }), 3);
  t.is(await bench.metric('workqueue_depth', { name: 'pod' }), 2);
  gate.resolve(done);
  await bench.clock.advance(0);
  t.is(bench.reconciled.length, 5);
  t.is(await bench.metric('controller_runtime_active_workers', { controller: 'pod' }), 0);
});

test('a stated delay is kept, to the millisecond', async (t) => {
  const bench = await new Bench(() => ({ requeueAfter: 20_000 })).start(t, pod('a', 1));
  await bench.clock.advance(19_999);
  t.is(bench.reconciled.length, 1);
  await bench.clock.advance(1);
  t.is(bench.reconciled.length, 2);
  const labels = { controller: 'pod', result: 'requeue_after' };
  t.is(await bench.metric('controller_runtime_reconcile_total', labels), 2);
});

test('a failure is logged once and retried later and later, until it succeeds', async (t) => {
  let isBroken = true;
  const bench = await new Bench(() => {
    return isBroken ? fail() : done;
  }).start(t, pod('a', 1));
  for (const [count, delay] of [5, 10, 20, 40].entries()) {
    t.is(bench.reconciled.length, count + 1);
    await bench.clock.advance(delay - 1);
    t.is(bench.reconciled.length, count + 1);
    await bench.clock.advance(1);
  }
  const errors = bench.logged.filter(({ level }) => level === 'error');
  t.is(errors.length, 5);
  t.like(errors[0]?.values, {
    controller: 'pod',
    Pod: { namespace: 'default', name: 'a' },
    retryAfter: 5,
  });
  t.is(typeof errors[0]?.values['reconcileID'], 'string');
  isBroken = false;
  await bench.clock.advance(80);
  isBroken = true;
  await bench.change('a', 2);
  t.is(bench.reconciled.length, 7);
  await bench.clock.advance(5);
  t.is(bench.reconciled.length, 8, 'a success resets the backoff');
  t.is(await bench.metric('controller_runtime_reconcile_errors_total', { controller: 'pod' }), 7);
  t.is(await bench.metric('workqueue_retries_total', { name: 'pod' }), 7);
});

test('retries are never further apart than the longest backoff', async (t) => {
  const options = { longestBackoff: 1_000 };
  const bench = await new Bench(fail, options).start(t, pod('a', 1));
  await bench.clock.advance(10_000);
  const before = bench.reconciled.length;
  await bench.clock.advance(10_000);
  t.is(bench.reconciled.length - before, 10);
});

test('after a terminal error only a change brings the key back', async (t) => {
  const bench = await new Bench(() => {
    throw new TerminalError('no such duration');
  }).start(t, pod('a', 1));
  await bench.clock.advance(3_600_000);
  t.is(bench.reconciled.length, 1);
  await bench.change('a', 2);
  t.is(bench.reconciled.length, 2);
  const labels = { controller: 'pod' };
  t.is(await bench.metric('controller_runtime_terminal_reconcile_errors_total', labels), 2);
  t.is(bench.logged.filter(({ level }) => level === 'error').length, 2);
});

test('a conflict is retried without an error in the log', async (t) => {
  let isFirst = true;
  const bench = await new Bench(() => {
    if (!isFirst) return done;
    isFirst = false;
    throw new ApiError('PATCH x', { code: 409, reason: 'Conflict', message: 'modified' });
  }).start(t, pod('a', 1));
  await bench.clock.advance(5);
  t.is(bench.reconciled.length, 2);
  t.deepEqual(
    bench.logged.filter(({ level }) => level === 'error'),
    [],
  );
});

test('one key that fails or hangs does not hold up the others', async (t) => {
  const bench = await new Bench((key) => {
    return key.endsWith('hangs') ? new Promise<Result>(() => {}) : fail();
  }).start(t, pod('hangs', 1), pod('fails', 1), pod('b', 1));
  t.deepEqual(bench.reconciled, ['default/hangs', 'default/fails', 'default/b']);
});

test('every result has its series from the start, at zero', async (t) => {
  const bench = new Bench(() => done);
  for (const result of ['success', 'error', 'requeue_after', 'terminal']) {
    const labels = { controller: 'pod', result };
    t.is(await bench.metric('controller_runtime_reconcile_total', labels), 0, result);
  }
  t.is(await bench.metric('workqueue_adds_total', { name: 'pod' }), 0);
});

test('a stop lets running reconciles finish and starts no others', async (t) => {
  const gate = Promise.withResolvers<Result>();
  const bench = new Bench(() => gate.promise, { concurrency: 1 });
  await bench.start(t, pod('a', 1), pod('b', 1));
  let hasStopped = false;
  bench.stop.abort();
  void bench.running.then(() => (hasStopped = true));
  await bench.clock.advance(9_000);
  t.false(hasStopped);
  gate.resolve({ requeueAfter: 1 });
  await bench.running;
  t.deepEqual(bench.reconciled, ['default/a']);
  t.is(bench.clock.pending, 0, 'no timer is left');
});

test('a reconcile that does not end is told to stop after 10 s', async (t) => {
  const told: boolean[] = [];
  const bench = await new Bench(async (_, { signal }) => {
    signal.addEventListener('abort', () => told.push(true));
    return new Promise<Result>(() => {});
  }).start(t, pod('a', 1));
  bench.stop.abort();
  await bench.clock.advance(0);
  await bench.clock.advance(9_999);
  t.deepEqual(told, []);
  await bench.clock.advance(1);
  t.deepEqual(told, [true]);
  await bench.running;
});

test('when leadership is lost, running reconciles are told at once', async (t) => {
  let signal: AbortSignal | undefined;
  const bench = await new Bench(async (_, context) => {
    signal = context.signal;
    return new Promise<Result>(() => {});
  }).start(t, pod('a', 1));
  t.false(signal?.aborted);
  bench.leading.abort();
  t.true(signal?.aborted);
  await bench.running;
});

test('a stop before the caches have synced ends it too', async (t) => {
  const bench = new Bench(() => done);
  bench.controller.watch(bench.informer, enqueueSelf);
  const running = bench.controller.run(bench.stop.signal);
  bench.stop.abort();
  await running;
  t.deepEqual(bench.reconciled, []);
});

test('logs name the object, or whatever else a key stands for', async (t) => {
  const byName = await new Bench(fail).start(t, pod('a', 1));
  const byUID = await new Bench(fail, { keyName: 'uid' }).start(t, pod('a', 1));
  const [named, other] = [byName, byUID].map(({ logged }) => logged.at(-1)?.values);
  t.deepEqual(named?.['Pod'], { namespace: 'default', name: 'a' });
  t.is(other?.['uid'], 'default/a');
  t.is(other?.['Pod'], undefined);
});
