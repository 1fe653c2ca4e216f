import test from 'ava';
import type { ExecutionContext } from 'ava';
import { leases } from '#api/core.ts';
import { FakeClock, settle } from '#test/helpers/fake-clock.ts';
import type { Client } from './client/client.ts';
import { LeaderElector, type LeaderElectionOptions } from './leader-election.ts';
import { silentLogger, type Logger } from './log.ts';
import { MemoryClient } from './testing/memory-client.ts';

const key = { namespace: 'system', name: 'manager' };

/** One process that wants to lead. */
class Candidate {
  readonly stop = new AbortController();
  /** Whether `lead` runs and was not told to end. */
  leads = false;
  changes: boolean[] = [];
  readonly errors: string[] = [];
  readonly running: Promise<unknown>;

  constructor(
    t: ExecutionContext,
    identity: string,
    { client, clock }: Pick<LeaderElectionOptions, 'clock' | 'client'>,
  ) {
    const elector = new LeaderElector({
      ...key,
      client,
      clock,
      identity,
      log: this.#logger,
      onChange: (isLeader) => this.changes.push(isLeader),
    });
    const lead = async (leading: AbortSignal): Promise<void> => {
      this.leads = true;
      const ended = Promise.withResolvers<void>();
      for (const signal of [leading, this.stop.signal]) {
        signal.addEventListener('abort', () => {
          this.leads = false;
          ended.resolve();
        });
      }
      await ended.promise;
    };
    this.running = elector.run(this.stop.signal, lead).catch((error: unknown) => error);
    t.teardown(() => this.stop.abort());
  }

  get #logger(): Logger {
    const error = (message: string): void => void this.errors.push(message);
    const logger: Logger = { ...silentLogger, error, with: () => logger };
    return logger;
  }
}

/** The same server through a network of one's own. */
function reachable(client: MemoryClient, isConnected: () => boolean): Client {
  const guarded = async <Answer>(request: () => Promise<Answer>): Promise<Answer> => {
    if (!isConnected()) throw new Error('no network');
    return request();
  };
  const methods: Pick<Client, 'get' | 'create' | 'update'> = {
    get: (kind, key_, options) => guarded(() => client.get(kind, key_, options)),
    create: (kind, object, options) => guarded(() => client.create(kind, object, options)),
    update: (kind, object, options) => guarded(() => client.update(kind, object, options)),
  };
  return Object.assign(Object.create(null), methods);
}

function holder(client: MemoryClient): string | undefined {
  return client.peek(leases, key)?.spec?.holderIdentity;
}

test('the first leads and renews every two seconds, with one request', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  t.true(one.leads);
  t.deepEqual(client.requests, ['get Lease system/manager', 'create Lease system/manager']);
  await clock.advance(6_000);
  t.deepEqual(client.requests.slice(2), Array(3).fill('update Lease system/manager'));
  t.is(client.peek(leases, key)?.spec?.renewTime, '2030-01-01T00:00:06.000000Z');
});

test('a second waits as long as the first lives, and takes over soon after its release', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  const two = new Candidate(t, 'two', { client, clock });
  await clock.advance(120_000);
  t.true(one.leads);
  t.false(two.leads);
  one.stop.abort();
  t.is(await one.running, undefined);
  t.is(holder(client), undefined, 'released');
  await clock.advance(2_000);
  t.true(two.leads);
  t.is(client.peek(leases, key)?.spec?.leaseTransitions, 1);
  t.deepEqual(one.changes, [false, true, false]);
});

test('a leader that cannot renew stops before another leads', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  let isConnected = true;
  const unsteady = reachable(client, () => isConnected);
  const one = new Candidate(t, 'one', { client: unsteady, clock });
  await settle();
  const two = new Candidate(t, 'two', { client, clock });
  await clock.advance(4_000);
  const cutOff = clock.monotonic();
  isConnected = false;
  while (one.leads) await clock.advance(100);
  const stoppedAfter = clock.monotonic() - cutOff;
  t.true(stoppedAfter <= 10_000, `${stoppedAfter} ms`);
  t.like(await one.running, { name: 'LeadershipLostError' });
  t.false(two.leads);
  while (!two.leads) await clock.advance(100);
  const takenAfter = clock.monotonic() - cutOff;
  t.true(takenAfter > stoppedAfter && takenAfter <= 20_000, `${takenAfter} ms`);
  t.is(holder(client), 'two');
});

test('a renewal that hangs is given up at the deadline', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  client.intercept = (_, signal) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => reject(new Error('timed out')));
    });
  await clock.advance(9_999);
  t.true(one.leads);
  await clock.advance(1);
  t.false(one.leads);
  t.like(await one.running, { message: 'the lease could not be renewed in time' });
});

test('a short failure is survived', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  client.intercept = () => {
    throw new Error('no network');
  };
  await clock.advance(7_000);
  client.intercept = () => {};
  await clock.advance(60_000);
  t.true(one.leads);
});

test('a lease that somebody else wrote is lost at once', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  await client.patch(leases, key, { spec: { holderIdentity: 'usurper' } });
  await clock.advance(2_000);
  t.false(one.leads);
  t.like(await one.running, { message: 'the lease is held by usurper' });
  t.is(holder(client), 'usurper', 'not released by the one that lost it');
});

test('a lease that was edited meanwhile, but is still ours, is kept', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  await client.patch(leases, key, { metadata: { labels: { a: 'b' } } });
  await clock.advance(20_000);
  t.true(one.leads);
});

test('of two that create the lease at the same time one leads, which is no error', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const bothHaveLooked = Promise.withResolvers<void>();
  const candidates = ['one', 'two'].map((name, index) => {
    const late = reachable(client, () => true);
    const create: Client['create'] = async (kind, object, options) => {
      if (index === 0) await bothHaveLooked.promise;
      else bothHaveLooked.resolve();
      return client.create(kind, object, options);
    };
    return new Candidate(t, name, { client: Object.assign(late, { create }), clock });
  });
  await settle();
  await clock.advance(30_000);
  t.is(client.requests.filter((request) => request.startsWith('create')).length, 2);
  t.is(candidates.filter(({ leads }) => leads).length, 1);
  t.deepEqual(
    candidates.flatMap(({ errors }) => errors),
    [],
  );
});

test('a candidate that is stopped while it waits never leads', async (t) => {
  const clock = new FakeClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  const two = new Candidate(t, 'two', { client, clock });
  await settle();
  two.stop.abort();
  t.is(await two.running, undefined);
  t.deepEqual(two.changes, [false]);
  t.true(one.leads);
});

/** A process that is suspended does not notice: its timers are late. */
class SuspendableClock extends FakeClock {
  suspended = 0;

  override monotonic(): number {
    return super.monotonic() + this.suspended;
  }
}

test('a leader that wakes up too late asks for nothing and gives up', async (t) => {
  const clock = new SuspendableClock();
  const client = new MemoryClient();
  const one = new Candidate(t, 'one', { client, clock });
  await settle();
  t.true(one.leads);
  const asked = client.requests.length;
  clock.suspended = 60_000;
  await clock.advance(2_000);
  t.false(one.leads);
  t.regex(String(await one.running), /LeadershipLostError: the lease could not be renewed in time/);
  t.deepEqual(one.errors, []);
  t.is(client.requests.length, asked);
});
