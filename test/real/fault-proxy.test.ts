/** A hundred nodes through one fault proxy, before a real API server. */
import test from 'ava';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { leases } from '#api/core.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { hollowNodeOptions } from '#hollow-node/options.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import { changesOf, transitionsOf } from './faults/transitions.ts';
import { sharedCluster } from './harness/cluster.ts';
import { openRealControlPlane } from './harness/control-plane.ts';
import { eventually, pause } from './harness/eventually.ts';
import { Program } from './harness/program.ts';

const shared = sharedCluster(openRealControlPlane);
test.after.always('the control plane ends', shared.close);

const count = 100;
/** Seconds in which the nodes fail, and then those in which nothing may happen. */
const flapping = 75;
const quiet = Number(process.env['QUIET_SECONDS'] ?? 20);

const program = join(import.meta.dirname, '..', '..', 'images', 'fault-proxy', 'main.ts');
/** Each node at times of its own: a hundred changes in one moment are a matter of the API server. */
const faults = ['30s', '45s', '60s']
  .map((after) => `NotReady after ${after} for 5s jitter 8s`)
  .join('; ');
const names = Array.from({ length: count }, (_, index) => `many-${index}`);

test('a hundred nodes through one proxy fail on schedule, and at no other time', async (t) => {
  t.timeout((quiet + 200) * 1000);
  const cluster = await shared.get();
  const { kubeconfig } = cluster.controlPlane;
  const args = ['--listen=127.0.0.1:0', `--kubeconfig=${kubeconfig}`, `--faults=${faults}`];
  const command = [process.execPath, '--max-semi-space-size=1', program, ...args];
  const proxy = new Program('fault-proxy', command, cluster.folder);
  t.teardown(() => proxy.stop('SIGTERM'));
  const url = await eventually(
    'the proxy listens',
    () => /"url":"([^"]+)"/.exec(proxy.output)?.[1],
  );

  const stop = new AbortController();
  const running = names.map(async (name) => {
    const client = new KubeClient({
      server: `${url}/node/${name}`,
      clock: realClock,
      userAgent: name,
    });
    const options = hollowNodeOptions(kubemarkFlags(`--name=${name}`));
    const node = { options, client, clock: realClock, log: silentLogger, address: '127.0.0.1' };
    await runHollowNode({ ...node, signal: stop.signal });
    await client.close();
  });
  t.teardown(async () => {
    stop.abort();
    await Promise.all(running);
  });
  await eventually('all have joined', () => names.every((name) => cluster.leases.get(name)));
  const slowest = performance.now();
  await pause(flapping + 5);

  const direct = cluster.client;
  const proxied = new KubeClient({
    server: `${url}/node/${names[0]}`,
    clock: realClock,
    userAgent: 'probe',
  });
  const [added, latency] = await compare(direct, proxied);
  await proxied.close();
  await pause(quiet);
  const origins = originsIn(proxy.output);
  t.is(origins.size, count);
  const errors: number[] = [];
  for (const name of names) {
    const seen = transitionsOf(cluster.nodes, {
      name,
      origin: origins.get(name) ?? 0,
      stop: pauseless,
    });
    t.deepEqual(
      seen.map(({ status }) => status),
      ['True', 'False', 'True', 'False', 'True', 'False', 'True'],
      `${name}: ${proxy.output
        .split('\n')
        .filter((line) => line.includes(`"${name}"`))
        .join('\n')}`,
    );
    for (const [index, due] of changesOf(faults, name, flapping + 10).entries()) {
      errors.push(((seen[index + 1]?.at ?? Number.NaN) - due) * 1000);
    }
  }
  errors.sort((one, other) => one - other);
  const memory = await anonymousMemory(proxy.pid);
  const elapsed = ((performance.now() - slowest) / 1000).toFixed(0);
  t.log(
    `${errors.length} changes: error p50 ${at(errors, 0.5)} ms, p99 ${at(errors, 0.99)} ms, max ${at(errors, 1)} ms; ` +
      `no other in ${elapsed} s; a request takes ${latency} ms, ${added} of them the proxy's; ${memory}`,
  );
  t.is(errors.length, 6 * count);
  t.true(Number(at(errors, 0.5)) < 1000, 'most changes are seen within a second');
});

const pauseless = (): Promise<void> => Promise.resolve();

function at(sorted: readonly number[], share: number): string {
  return (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);
}

/** By node: when the proxy began to count, in milliseconds since 1970. */
function originsIn(output: string): Map<string, number> {
  const lines = output.matchAll(
    /"ts":"(?<time>[^"]+)","Node":"(?<name>[^"]+)"[^\n]*Counting the times/g,
  );
  return new Map(
    [...lines].map(({ groups }) => [groups?.['name'] ?? '', Date.parse(groups?.['time'] ?? '')]),
  );
}

/** Medians in milliseconds: what the proxy adds, and the whole. */
async function compare(direct: KubeClient, proxied: KubeClient): Promise<[string, string]> {
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round < 200; round++) {
    for (const [index, client] of [direct, proxied].entries()) {
      const start = performance.now();
      await client.get(leases, { namespace: 'kube-node-lease', name: names[0] ?? '' });
      times[index]?.push(performance.now() - start);
    }
  }
  const [without = 0, through = 0] = times.map((all) => all.toSorted((a, b) => a - b)[100] ?? 0);
  return [(through - without).toFixed(2), through.toFixed(2)];
}

/** What belongs to the process alone, and all that it can see, of which the programs' files are shared. */
async function anonymousMemory(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const [own, all] = ['Anonymous', 'Rss'].map((key) => {
    const [, kilobytes] = new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(text) ?? [];
    return `${(Number(kilobytes) / 1024).toFixed(0)} MB`;
  });
  return `${own} anonymous, ${all} in all`;
}
