import type { ServerResponse } from 'node:http';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { pods, type Pod } from '#api/core.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import type { Client } from '../client/client.ts';
import { realClock, type Clock } from '../clock.ts';
import { silentLogger, type Logger } from '../log.ts';
import { connect, sendJson, sendStatus } from '../testing/http-peer.ts';
import { pod } from '../testing/objects.ts';
import { until } from '../testing/until.ts';
import { WatchPeer } from '../testing/watch-peer.ts';
import { Reflector } from './reflector.ts';

interface Reflection {
  /** What the sink was told: `=` and names after a list, a sign and a name otherwise. */
  changes: string[];
  stop: () => Promise<void>;
}

const signs = { ADDED: '+', MODIFIED: '~', DELETED: '-' };

function reflect(
  t: ExecutionContext,
  client: Client,
  { clock = realClock, log = silentLogger }: { clock?: Clock; log?: Logger } = {},
): Reflection {
  const changes: string[] = [];
  const sink = {
    replace: (objects: Pod[]) =>
      void changes.push(`=${objects.map(({ metadata }) => metadata.name).join()}`),
    apply: (type: 'ADDED' | 'MODIFIED' | 'DELETED', { metadata }: Pod) =>
      void changes.push(`${signs[type]}${metadata.name}`),
  };
  const controller = new AbortController();
  const reflector = new Reflector({ client, kind: pods, clock, log, sink, random: () => 0.5 });
  const running = reflector.run(controller.signal);
  const stop = (): Promise<void> => {
    controller.abort();
    return running;
  };
  t.teardown(stop);
  return { changes, stop };
}

test('a list is followed by the changes after it, in order', async (t) => {
  const server = await WatchPeer.start(t);
  server.put(pod('a', 0));
  const { changes, stop } = reflect(t, connect(t, server.peer.url));
  await until(() => server.openWatches === 1);
  server.put(pod('b', 0));
  server.put(pod('a', 0));
  server.delete('b');
  await until(() => changes.length === 4);
  t.deepEqual(changes, ['=a', '+b', '~a', '-b']);
  await stop();
  await until(() => server.openWatches === 0);
});

const page =
  (name: string, next: string) =>
  (response: ServerResponse): void => {
    const metadata = { resourceVersion: '7', continue: next };
    sendJson(response, { metadata, items: [pod(name, 1)] });
  };

test('a long list is read page by page', async (t) => {
  const server = await WatchPeer.start(t);
  server.answers.push(page('a', 'x'), page('b', 'y'), page('c', ''));
  const { changes } = reflect(t, connect(t, server.peer.url));
  await until(() => server.openWatches === 1);
  t.deepEqual(server.requests, ['list', 'list x', 'list y', 'watch 7']);
  t.is(server.peer.requests[0]?.url.searchParams.get('limit'), '500');
  t.deepEqual(changes, ['=a,b,c']);
});

for (const way of ['endWatches', 'dropWatches'] as const) {
  test(`after ${way} the watch goes on where it was, without a list or a pause`, async (t) => {
    const server = await WatchPeer.start(t);
    const clock = new FakeClock(); // stands still: a pause would never end
    const { changes } = reflect(t, connect(t, server.peer.url), { clock });
    await until(() => server.openWatches === 1);
    server.put(pod('a', 0));
    await until(() => changes.includes('+a'));
    server[way]();
    server.put(pod('b', 0));
    await until(() => changes.includes('+b'));
    t.deepEqual(changes, ['=', '+a', '+b']);
    t.deepEqual(server.requests, ['list', 'watch 1', 'watch 2']);
  });
}

test('a bookmark moves the version to resume from', async (t) => {
  const server = await WatchPeer.start(t);
  reflect(t, connect(t, server.peer.url));
  await until(() => server.openWatches === 1);
  server.bookmark();
  server.endWatches();
  await until(() => server.requests.length === 3);
  t.is(server.requests.at(-1), 'watch 2');
});

test('a version that expires in the middle of a watch leads to a list at once', async (t) => {
  const server = await WatchPeer.start(t);
  const { changes } = reflect(t, connect(t, server.peer.url), { clock: new FakeClock() });
  await until(() => server.openWatches === 1);
  server.put(pod('a', 0));
  await until(() => changes.includes('+a'));
  server.expire();
  await until(() => changes.length === 3);
  t.deepEqual(changes, ['=', '+a', '=a']);
});

test('a version that expired before the watch began leads to a list at once', async (t) => {
  const server = await WatchPeer.start(t);
  server.answers.push(
    (response) => sendJson(response, { metadata: { resourceVersion: '1' }, items: [] }),
    (response) => sendStatus(response, 410, 'Expired'),
  );
  const { changes } = reflect(t, connect(t, server.peer.url), { clock: new FakeClock() });
  await until(() => server.openWatches === 1);
  t.deepEqual(server.requests, ['list', 'watch 1', 'list', 'watch 1']);
  t.deepEqual(changes, ['=', '=']);
});

test('failures in a row are paced and logged, the version survives a busy server', async (t) => {
  const server = await WatchPeer.start(t);
  const clock = new FakeClock();
  const errors: string[] = [];
  const log = {
    ...silentLogger,
    with: () => log,
    error: (message: string) => errors.push(message),
  };
  server.answers.push((response) =>
    sendJson(response, { metadata: { resourceVersion: '1' }, items: [] }),
  );
  for (let i = 0; i < 3; i++) {
    server.answers.push((response) => sendStatus(response, 503, 'ServiceUnavailable'));
  }
  reflect(t, connect(t, server.peer.url), { clock, log });
  await until(() => errors.length === 1);
  t.deepEqual(server.requests, ['list', 'watch 1', 'watch 1'], 'the first retry is immediate');
  await clock.advance(399);
  t.is(server.requests.length, 3);
  await clock.advance(1);
  await until(() => errors.length === 2);
  await clock.advance(699);
  t.is(server.requests.length, 4);
  await clock.advance(1);
  await until(() => server.openWatches === 1);
  t.deepEqual(server.requests.slice(3), ['watch 1', 'watch 1']);
});

test('an answer that says no leads to a list, not to the same watch again', async (t) => {
  const server = await WatchPeer.start(t);
  server.answers.push(
    (response) => sendJson(response, { metadata: { resourceVersion: '99' }, items: [] }),
    (response) => sendStatus(response, 504, 'Timeout'), // Too large resource version
  );
  reflect(t, connect(t, server.peer.url));
  await until(() => server.openWatches === 1);
  t.deepEqual(server.requests, ['list', 'watch 99', 'list', 'watch 1']);
});

test('a server that is not there is found when it comes', async (t) => {
  const server = await WatchPeer.start(t);
  const clock = new FakeClock();
  const client = connect(t, server.peer.url);
  let isDown = true;
  const flaky: Client = Object.create(client, {
    list: {
      value: (...args: Parameters<Client['list']>) =>
        isDown ? Promise.reject(new Error('connect ECONNREFUSED')) : client.list(...args),
    },
    watch: { value: client.watch.bind(client) },
  });
  const { changes } = reflect(t, flaky, { clock });
  await clock.advance(120_000);
  isDown = false;
  await clock.advance(30_000);
  await until(() => server.openWatches === 1);
  t.deepEqual(changes, ['=']);
});

test('a connection that died without notice is given up when the watch should have ended', async (t) => {
  const server = await WatchPeer.start(t);
  const clock = new FakeClock();
  reflect(t, connect(t, server.peer.url), { clock });
  await until(() => server.openWatches === 1);
  t.is(server.peer.requests[1]?.url.searchParams.get('timeoutSeconds'), '450');
  await clock.advance(464_000);
  t.is(server.requests.length, 2);
  await clock.advance(1_000);
  await until(() => server.requests.length === 3);
});
