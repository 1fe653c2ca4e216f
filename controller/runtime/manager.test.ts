import test from 'ava';
import { leases } from '#api/core.ts';
import { FakeClock, settle } from '#test/helpers/fake-clock.ts';
import { LeaderElector } from './leader-election.ts';
import { silentLogger } from './log.ts';
import { Manager, type ManagerOptions } from './manager.ts';
import { Metrics } from './metrics.ts';
import { startPeer } from './testing/http-peer.ts';
import { MemoryClient } from './testing/memory-client.ts';

/** A manager whose parts write down when they start and stop. */
function create(options: Partial<ManagerOptions> = {}): {
  manager: Manager;
  said: string[];
  finishReconciles: () => void;
} {
  const said: string[] = [];
  const reconciles = Promise.withResolvers<void>();
  const part = (name: string, finish: Promise<void>) => ({
    name,
    hasSynced: false,
    run: async (signal: AbortSignal, leading?: AbortSignal): Promise<void> => {
      said.push(`${name} starts`);
      await aborted(leading === undefined ? signal : AbortSignal.any([signal, leading]));
      if (!leading?.aborted) await finish;
      said.push(`${name} ends`);
    },
  });
  const manager = new Manager({
    log: silentLogger,
    metrics: new Metrics(),
    healthAddress: '0',
    metricsAddress: '0',
    informers: [part('informer', Promise.resolve())],
    controllers: [part('controller', reconciles.promise)],
    events: {
      event: () => {},
      stop: async (timeout) => void said.push(`events stop within ${timeout}`),
    },
    ...options,
  });
  return { manager, said, finishReconciles: reconciles.resolve };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function createElector(client: MemoryClient, clock: FakeClock): LeaderElector {
  const names = { namespace: 'system', name: 'manager', identity: 'me' };
  return new LeaderElector({ ...names, client, clock, log: silentLogger });
}

test('it starts in order and stops in reverse, when running reconciles have finished', async (t) => {
  const { manager, said, finishReconciles } = create();
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await settle();
  t.deepEqual(said, ['informer starts', 'controller starts']);
  stop.abort();
  await settle();
  t.is(said.length, 2);
  finishReconciles();
  await running;
  t.deepEqual(said.slice(2), ['controller ends', 'events stop within 3000', 'informer ends']);
});

test('controllers wait for the lease, informers do not; the lease is released last', async (t) => {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const gate = Promise.withResolvers<void>();
  client.intercept = () => gate.promise;
  const { manager, said, finishReconciles } = create({ elector: createElector(client, clock) });
  const stop = new AbortController();
  const running = manager.run(stop.signal);
  await settle();
  t.deepEqual(said, ['informer starts']);
  gate.resolve();
  await settle();
  t.deepEqual(said, ['informer starts', 'controller starts']);
  stop.abort();
  await clock.advance(60_000);
  const lease = (): string | undefined =>
    client.peek(leases, { namespace: 'system', name: 'manager' })?.spec?.holderIdentity;
  t.is(lease(), 'me', 'held as long as something may be written');
  finishReconciles();
  await running;
  t.is(lease(), undefined);
});

test('when the lease is lost the manager fails at once', async (t) => {
  const client = new MemoryClient();
  const clock = new FakeClock();
  const { manager, said } = create({ elector: createElector(client, clock) });
  const running = t.throwsAsync(manager.run(new AbortController().signal), {
    name: 'LeadershipLostError',
  });
  await settle();
  const key = { namespace: 'system', name: 'manager' };
  await client.patch(leases, key, { spec: { holderIdentity: 'other' } });
  await clock.advance(2_000);
  await running;
  t.true(said.includes('controller ends'));
  t.true(said.includes('informer ends'));
});

test('a port that is taken stops the start', async (t) => {
  const { url } = await startPeer(t, (response) => void response.end());
  const { manager, said } = create({ healthAddress: new URL(url).host });
  await t.throwsAsync(manager.run(new AbortController().signal), { message: /^cannot listen on/ });
  t.deepEqual(said, []);
});
