import test from 'ava';
import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Agent, type Dispatcher } from 'undici';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import type { Credentials } from './cluster-config.ts';
import { Connection } from './connection.ts';

const proxyTestdata = new URL('../../../images/fault-proxy/testdata/', import.meta.url);

function create(): {
  clock: FakeClock;
  connection: Connection;
  state: { credentials: Credentials; reads: number; dispatchers: Dispatcher[] };
} {
  const clock = new FakeClock();
  const state = {
    credentials: { headers: { authorization: 'one' }, tls: { cert: Buffer.from('one') } },
    reads: 0,
    dispatchers: [] as Dispatcher[],
  };
  const connection = new Connection(
    {
      server: 'https://127.0.0.1:1',
      namespace: 'default',
      credentials: async () => {
        state.reads += 1;
        return state.credentials;
      },
      createDispatcher: async () => {
        const dispatcher = new Agent();
        state.dispatchers.push(dispatcher);
        return dispatcher;
      },
    },
    clock,
  );
  return { clock, connection, state };
}

test('credentials are read once for all requests of ten seconds', async (t) => {
  const { clock, connection, state } = create();
  await Promise.all([connection.session(), connection.session()]);
  await clock.advance(9_999);
  await connection.session();
  t.is(state.reads, 1);
  await clock.advance(1);
  await connection.session();
  t.is(state.reads, 2);
});

test('new headers keep the sockets, a new certificate does not', async (t) => {
  const { clock, connection, state } = create();
  const first = await connection.session();
  state.credentials = { ...state.credentials, headers: { authorization: 'two' } };
  await clock.advance(10_000);
  const second = await connection.session();
  t.is(second.headers['authorization'], 'two');
  t.is(second.requests, first.requests);
  t.is(second.watches, first.watches);
  state.credentials = { ...state.credentials, tls: { cert: Buffer.from('two') } };
  await clock.advance(10_000);
  const third = await connection.session();
  t.not(third.requests, first.requests);
  t.not(third.watches, first.watches);
  t.is(state.dispatchers.length, 4);
});

test('after a refusal only other credentials are worth another try', async (t) => {
  const { connection, state } = create();
  const session = await connection.session();
  t.false(await connection.renew(session));
  state.credentials = { ...state.credentials, headers: { authorization: 'two' } };
  t.true(await connection.renew(session));
});

test('credentials that cannot be read fail the request, and are read again by the next', async (t) => {
  const { connection, state } = create();
  const { credentials } = state;
  Object.defineProperty(state, 'credentials', {
    configurable: true,
    get: () => {
      throw new Error('no token file');
    },
  });
  await t.throwsAsync(connection.session(), { message: 'no token file' });
  Object.defineProperty(state, 'credentials', { value: credentials });
  t.is((await connection.session()).headers['authorization'], 'one');
});

test('a certificate without its key fails the requests until the key comes, and no more than these', async (t) => {
  const [cert, key] = await Promise.all(
    ['cert.pem', 'key.pem'].map((name) => readFile(new URL(name, proxyTestdata))),
  );
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const otherKey = privateKey.export({ type: 'pkcs8', format: 'pem' });
  let tls: Credentials['tls'] = {};
  const credentials = async () => ({ headers: {}, tls });
  const config = { server: 'https://127.0.0.1:1', namespace: 'default', credentials };
  const clock = new FakeClock();
  const connection = new Connection(config, clock);
  t.teardown(() => connection.close());
  const first = await connection.session();
  tls = { ...(cert && { cert }), key: otherKey };
  await clock.advance(10_000);
  for (let attempt = 0; attempt < 3; attempt++) {
    await t.throwsAsync(connection.session(), { message: /key values mismatch/ });
    await new Promise((resolve) => setImmediate(resolve)); // sockets that are closed twice tell it now
  }
  tls = { ...(cert && { cert }), ...(key && { key }) };
  t.not((await connection.session()).requests, first.requests);
});
