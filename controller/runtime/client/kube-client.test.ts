import test from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodes, pods } from '#api/core.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { connect, sendJson, sendStatus, startPeer } from '../testing/http-peer.ts';
import { pod } from '../testing/objects.ts';
import { until } from '../testing/until.ts';
import { ApiError, isConflict, isGone, isNotFound } from './errors.ts';

const key = { namespace: 'default', name: 'a' };

test('each method speaks the API', async (t) => {
  const peer = await startPeer(t, (response, { body }) =>
    sendJson(response, body === '' ? pod('a', 1) : JSON.parse(body)),
  );
  const client = connect(t, peer.url, { userAgent: 'me/1.0' });
  await client.get(pods, key);
  await client.create(pods, pod('a', 1));
  await client.update(pods, pod('a', 1), { subresource: 'status' });
  await client.patch(pods, key, { a: 1 });
  await client.patch(pods, key, { a: 1 }, { type: 'strategic', subresource: 'status' });
  await client.createSubresource(pods, key, 'eviction', { kind: 'Eviction' });
  await client.delete(pods, key, { preconditions: { uid: 'u' }, gracePeriodSeconds: 0 });
  const path = '/api/v1/namespaces/default/pods';
  t.deepEqual(
    peer.requests.map(({ method, url, headers }) => [
      method,
      url.pathname,
      headers['content-type'] ?? '',
    ]),
    [
      ['GET', `${path}/a`, ''],
      ['POST', path, 'application/json'],
      ['PUT', `${path}/a/status`, 'application/json'],
      ['PATCH', `${path}/a`, 'application/merge-patch+json'],
      ['PATCH', `${path}/a/status`, 'application/strategic-merge-patch+json'],
      ['POST', `${path}/a/eviction`, 'application/json'],
      ['DELETE', `${path}/a`, 'application/json'],
    ],
  );
  t.true(peer.requests.every(({ headers }) => headers['user-agent'] === 'me/1.0'));
  t.deepEqual(JSON.parse(peer.requests.at(-1)?.body ?? ''), {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    preconditions: { uid: 'u' },
    gracePeriodSeconds: 0,
  });
});

for (const [what, answer, expected] of [
  ['a Status', { kind: 'Status', status: 'Success' }, true],
  ['an object at its end', { metadata: { deletionGracePeriodSeconds: 0 } }, true],
  ['a grace period', { metadata: { deletionGracePeriodSeconds: 30 } }, false],
  ['a finalizer', { metadata: { deletionGracePeriodSeconds: 0, finalizers: ['a'] } }, false],
  ['an object that was marked', { metadata: { deletionTimestamp: '2030-01-01T00:00:00Z' } }, false],
] as const) {
  test(`a deletion says whether the object is gone: ${what}`, async (t) => {
    const peer = await startPeer(t, (response) => sendJson(response, answer));
    t.is(await connect(t, peer.url).delete(pods, key), expected);
  });
}

test('requests one after the other share sockets', async (t) => {
  const peer = await startPeer(t, (response) => sendJson(response, pod('a', 1)));
  const client = connect(t, peer.url);
  for (let i = 0; i < 20; i++) {
    await client.get(pods, key);
    await client.delete(pods, key);
  }
  // undici rests a socket for a turn of the event loop, so a request that follows at once takes another.
  t.true(peer.accepted() <= 2);
});

test('a list carries selectors and pages, and its items know what they are', async (t) => {
  const peer = await startPeer(t, (response) =>
    sendJson(response, {
      metadata: { resourceVersion: '9', continue: 'more' },
      items: [{ metadata: { name: 'n' } }],
    }),
  );
  const client = connect(t, `${peer.url}/prefix/`);
  const list = await client.list(nodes, { labelSelector: 'a=b', limit: 2, continueToken: 'c' });
  t.deepEqual(list, {
    resourceVersion: '9',
    continueToken: 'more',
    items: [{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } }],
  });
  t.is(
    peer.requests[0]?.url.href,
    'http://peer/prefix/api/v1/nodes?labelSelector=a%3Db&limit=2&continue=c',
  );
});

test('an error carries the status and names the request', async (t) => {
  const peer = await startPeer(t, (response) => sendStatus(response, 409, 'Conflict'));
  const error = await t.throwsAsync(connect(t, peer.url).get(pods, key), { instanceOf: ApiError });
  t.true(isConflict(error));
  t.is(error.message, 'because Conflict');
  t.is(error.request, 'GET /api/v1/namespaces/default/pods/a');
});

test('an error that a proxy wrote is understood by its code', async (t) => {
  const peer = await startPeer(t, (response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nothing here</h1>');
  });
  const error = await t.throwsAsync(connect(t, peer.url).get(pods, key));
  t.true(isNotFound(error));
  t.regex(error.message, /404: <h1>nothing here/);
});

test('an answer that is not JSON is an error that names the request', async (t) => {
  const peer = await startPeer(t, (response) => void response.end('hello'));
  await t.throwsAsync(connect(t, peer.url).get(pods, key), { message: /^GET .*\/pods\/a: .*JSON/ });
});

test('no connection is an error with its cause', async (t) => {
  const error = await t.throwsAsync(connect(t, 'http://127.0.0.1:1').get(pods, key));
  t.regex(error.message, /ECONNREFUSED/);
  t.true(error.cause instanceof Error);
});

test('429 and 503 are tried again when the server says when', async (t) => {
  const clock = new FakeClock();
  const answers = [429, 503, 200];
  const peer = await startPeer(t, (response) => {
    const code = answers.shift() ?? 500;
    if (code === 200) sendJson(response, pod('a', 1));
    else sendStatus(response, code, 'Busy', { 'retry-after': '2' });
  });
  const answer = connect(t, peer.url, { clock }).get(pods, key);
  await until(() => peer.requests.length === 1);
  await until(() => clock.pending === 2);
  await clock.advance(1_999);
  t.is(peer.requests.length, 1);
  await clock.advance(1);
  await until(() => peer.requests.length === 2 && clock.pending === 2);
  await clock.advance(2_000);
  t.is((await answer).metadata.name, 'a');
});

test('a server that stays busy is reported', async (t) => {
  const peer = await startPeer(t, (response) =>
    sendStatus(response, 429, 'TooManyRequests', { 'retry-after': '0' }),
  );
  await t.throwsAsync(connect(t, peer.url).get(pods, key), { message: /TooManyRequests/ });
  t.is(peer.requests.length, 6);
});

test('a wait beyond the deadline is not begun', async (t) => {
  const peer = await startPeer(t, (response) =>
    sendStatus(response, 429, 'TooManyRequests', { 'retry-after': '31' }),
  );
  await t.throwsAsync(connect(t, peer.url).get(pods, key), { instanceOf: ApiError });
  t.is(peer.requests.length, 1);
});

test('500 is reported at once', async (t) => {
  const peer = await startPeer(t, (response) => sendStatus(response, 500, 'InternalError'));
  await t.throwsAsync(connect(t, peer.url).get(pods, key), { message: /InternalError/ });
  t.is(peer.requests.length, 1);
});

test('a request without an answer ends at its deadline and says so', async (t) => {
  const clock = new FakeClock();
  const peer = await startPeer(t, () => {});
  const answer = connect(t, peer.url, { clock }).get(pods, key, { timeout: 5_000 });
  const failure = t.throwsAsync(answer, { message: /\/pods\/a: no answer within 5 s/ });
  await until(() => peer.requests.length === 1);
  await clock.advance(5_000);
  t.like((await failure).cause, { name: 'TimeoutError' });
});

test('a caller that gives up gets its own reason', async (t) => {
  const peer = await startPeer(t, () => {});
  const controller = new AbortController();
  const answer = connect(t, peer.url).get(pods, key, { signal: controller.signal });
  await until(() => peer.requests.length === 1);
  controller.abort(new Error('leaving'));
  await t.throwsAsync(answer, { message: 'leaving' });
});

test('the rate limit holds requests back', async (t) => {
  const clock = new FakeClock();
  const peer = await startPeer(t, (response) => sendJson(response, pod('a', 1)));
  const client = connect(t, peer.url, { clock, qps: 1, burst: 2 });
  const all = Promise.all([1, 2, 3].map(() => client.get(pods, key)));
  await until(() => peer.requests.length === 2);
  await clock.advance(500);
  t.is(peer.requests.length, 2);
  await clock.advance(500);
  await all;
  t.is(peer.requests.length, 3);
});

test('each exchange is observed, also one without an answer', async (t) => {
  const codes: string[] = [];
  const requestObserver = ({ method, code }: { method: string; code: string }): void => {
    codes.push(`${method} ${code}`);
  };
  const peer = await startPeer(t, (response) => sendStatus(response, 404, 'NotFound'));
  await t.throwsAsync(connect(t, peer.url, { requestObserver }).get(pods, key));
  await t.throwsAsync(connect(t, 'http://127.0.0.1:1', { requestObserver }).delete(pods, key));
  t.deepEqual(codes, ['GET 404', 'DELETE <error>']);
});

test('credentials that changed are used after a 401', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'token-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'token');
  await writeFile(file, 'old');
  const { readFile } = await import('node:fs/promises');
  const peer = await startPeer(t, (response, { headers }) => {
    if (headers.authorization === 'Bearer new') sendJson(response, pod('a', 1));
    else sendStatus(response, 401, 'Unauthorized');
  });
  const config = {
    server: peer.url,
    namespace: 'default',
    credentials: async () => {
      const token = await readFile(file, 'utf8');
      return { headers: { authorization: `Bearer ${token}` }, tls: {} };
    },
  };
  const client = connect(t, peer.url, { config });
  await t.throwsAsync(client.get(pods, key), { message: /Unauthorized/ });
  t.is(peer.requests.length, 1, 'the same credentials are not tried twice');
  await writeFile(file, 'new');
  t.is((await client.get(pods, key)).metadata.name, 'a');
});

test('a watch asks for bookmarks and yields events as they come', async (t) => {
  const peer = await startPeer(t, (response) => {
    const text = JSON.stringify({ type: 'ADDED', object: pod('a', 4) });
    response.write(text.slice(0, 20));
    setTimeout(() => response.end(`${text.slice(20)}\n`), 10);
  });
  const watch = connect(t, peer.url).watch(pods, { resourceVersion: '3', timeoutSeconds: 9 });
  t.deepEqual(await Array.fromAsync(watch), [{ type: 'ADDED', object: pod('a', 4) }]);
  const query = Object.fromEntries(peer.requests[0]?.url.searchParams ?? []);
  t.deepEqual(query, {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: '3',
    timeoutSeconds: '9',
  });
});

test('an expired version is seen at the start and in the middle of a watch', async (t) => {
  const status = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' };
  const peer = await startPeer(t, (response, { url }) => {
    if (url.searchParams.get('resourceVersion') === '1') sendStatus(response, 410, 'Expired');
    else response.end(`${JSON.stringify({ type: 'ERROR', object: status })}\n`);
  });
  for (const resourceVersion of ['1', '2']) {
    const watch = connect(t, peer.url).watch(pods, { resourceVersion });
    t.true(isGone(await t.throwsAsync(Array.fromAsync(watch))));
  }
});

test('leaving a watch or aborting it closes its socket', async (t) => {
  let closed = 0;
  const peer = await startPeer(t, (response) => {
    response.on('close', () => (closed += 1));
    response.write(`${JSON.stringify({ type: 'ADDED', object: pod('a', 4) })}\n`);
  });
  const client = connect(t, peer.url);
  for await (const event of client.watch(pods, { resourceVersion: '3' })) {
    t.is(event.type, 'ADDED');
    break;
  }
  await until(() => closed === 1);
  const controller = new AbortController();
  const { signal } = controller;
  const watch = Array.fromAsync(client.watch(pods, { resourceVersion: '3', signal }));
  await until(() => peer.requests.length === 2);
  controller.abort(new Error('enough'));
  await t.throwsAsync(watch, { message: 'enough' });
  await until(() => closed === 2);
  t.is(await peer.connections(), 0);
});

test('a silent watch outlives the deadline of requests, a connection that drops ends it', async (t) => {
  const clock = new FakeClock();
  const peer = await startPeer(t, (response) => {
    response.flushHeaders();
    setTimeout(() => response.destroy(), 100);
  });
  const watch = Array.fromAsync(
    connect(t, peer.url, { clock }).watch(pods, { resourceVersion: '3' }),
  );
  const ended = t.throwsAsync(watch, { message: /other side closed|terminated/ });
  await until(() => clock.pending === 0 && peer.requests.length === 1);
  await clock.advance(3_600_000);
  await ended;
});
