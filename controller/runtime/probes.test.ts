import test from 'ava';
import type { ExecutionContext } from 'ava';
import { parseAddress } from './address.ts';
import { silentLogger } from './log.ts';
import { Metrics } from './metrics.ts';
import { Probes } from './probes.ts';

async function start(
  t: ExecutionContext,
  addresses: { healthAddress: string; metricsAddress: string },
  unready: string[] = [],
): Promise<{ get: (path: string, address?: string) => Promise<Response>; ports: number }> {
  const { registry } = new Metrics();
  const probes = new Probes({ ...addresses, registry, unready: () => unready, log: silentLogger });
  const ports = await probes.start();
  t.teardown(() => probes.close());
  const get = (path: string, address = addresses.healthAddress): Promise<Response> =>
    fetch(`http://127.0.0.1:${ports.get(address)}${path}`);
  return { get, ports: ports.size };
}

test('readiness names what is missing until nothing is', async (t) => {
  const unready = ['Machine', 'Pod'];
  const { get } = await start(t, { healthAddress: '127.0.0.1:0', metricsAddress: '0' }, unready);
  t.is((await get('/healthz')).status, 200);
  const early = await get('/readyz?verbose');
  t.is(early.status, 503);
  t.is(await early.text(), 'not ready: Machine, Pod\n');
  unready.length = 0;
  const ready = await get('/readyz');
  t.is(ready.status, 200);
  t.is(await ready.text(), 'ok');
});

test('probes and metrics share an address when it is the same', async (t) => {
  const address = '127.0.0.1:0';
  const { get, ports } = await start(t, { healthAddress: address, metricsAddress: address });
  t.is(ports, 1);
  const metrics = await get('/metrics');
  t.regex(metrics.headers.get('content-type') ?? '', /text\/plain/);
  t.regex(await metrics.text(), /# TYPE controller_runtime_reconcile_total counter/);
  t.is((await get('/healthz')).status, 200);
});

test('each has its own address otherwise, and answers for itself only', async (t) => {
  const { get, ports } = await start(t, {
    healthAddress: '127.0.0.1:0',
    metricsAddress: 'localhost:0',
  });
  t.is(ports, 2);
  t.is((await get('/metrics')).status, 404);
  t.is((await get('/constructor')).status, 404);
});

test('with 0 nothing is served', async (t) => {
  const { ports } = await start(t, { healthAddress: '0', metricsAddress: '0' });
  t.is(ports, 0);
});

test('a port that is taken is an error that names it', async (t) => {
  const { registry } = new Metrics();
  const options = { metricsAddress: '0', registry, unready: () => [], log: silentLogger };
  const first = new Probes({ ...options, healthAddress: '127.0.0.1:0' });
  t.teardown(() => first.close());
  const [port] = (await first.start()).values();
  const second = new Probes({ ...options, healthAddress: `127.0.0.1:${port}` });
  await t.throwsAsync(second.start(), { message: `cannot listen on 127.0.0.1:${port}` });
  await second.close();
});

const addresses: [string, object | undefined][] = [
  [':8081', { port: 8081 }],
  ['127.0.0.1:8081', { host: '127.0.0.1', port: 8081 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['0', undefined],
  ['', undefined],
];

for (const [text, address] of addresses) {
  test(`"${text}" is understood as an address`, (t) => {
    t.deepEqual(parseAddress(text), address);
  });
}

for (const text of ['8081', ':99999', 'host:', '::1:80', 'http://x:1']) {
  test(`"${text}" is refused as an address`, (t) => {
    t.throws(() => parseAddress(text), { message: /^"[^"]+" is not an address to listen on/ });
  });
}
