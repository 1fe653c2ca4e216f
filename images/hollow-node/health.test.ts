import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Server } from 'node:http';
import type { Logger } from '#runtime/log.ts';
import { silentLogger } from '#runtime/log.ts';
import { serveHealth } from './health.ts';

async function start(t: ExecutionContext, port: number, log: Logger = silentLogger) {
  const server = await serveHealth(port, log);
  t.teardown(() => server.close());
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

test('answers /healthz and nothing else', async (t) => {
  const url = `http://127.0.0.1:${portOf(await start(t, 0))}`;
  const answer = await fetch(`${url}/healthz?verbose`);
  t.is(answer.status, 200);
  t.is(await answer.text(), 'ok');
  t.is((await fetch(`${url}/pods`)).status, 404);
});

test('a port that is taken is logged, and the node goes on', async (t) => {
  const port = portOf(await start(t, 0));
  const logged: string[] = [];
  const log: Logger = { ...silentLogger, error: (message) => void logged.push(message) };
  t.is(portOf(await start(t, port, log)), 0);
  t.deepEqual(logged, ['Failed to listen on the kubelet port, going on without /healthz']);
});
