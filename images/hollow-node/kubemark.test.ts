import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { leases, nodes } from '#api/core.ts';
import type { Node } from '#api/core.ts';
import { connect } from '#runtime/testing/http-peer.ts';
import { until } from '#runtime/testing/until.ts';
import { startApiServer } from '#test/helpers/api-server.ts';

const program = fileURLToPath(new URL('kubemark.ts', import.meta.url));

/** A process of the program, gone with the test. */
function start(t: ExecutionContext, ...args: string[]) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [program, ...args], { env: { PATH, HOME } });
  t.teardown(() => child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  const ended = once(child, 'close').then(() => ({ code: exitCode(child), output, errors }));
  return { child, ended };
}

/** As a shell tells it, also of a process that a signal ended. */
function exitCode({ exitCode: code, signalCode }: ChildProcess): number {
  return code ?? 128 + constants.signals[signalCode ?? 'SIGKILL'];
}

/** The path of a kubeconfig for an API server of this test's own. */
async function startCluster(t: ExecutionContext) {
  const { server, url } = await startApiServer(t);
  const folder = await mkdtemp(join(tmpdir(), 'kubemark-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig());
  return { server, kubeconfig, client: connect(t, url) };
}

for (const [args, line] of [
  [['--morph=kubelet', '--provider-id=x'], 'Error: unknown flag: --provider-id\n'],
  [
    ['--morph=kubelet', '--faults=NotReady soon'],
    'Error: invalid argument for "--faults" flag: "NotReady soon": "soon" is not understood (want e.g. "NotReady after 40s for 5s")\n',
  ],
  [
    ['--morph=kubelet', '--num-cores=0'],
    `Error: invalid argument "0" for "--num-cores" flag: want an integer from 1 to ${Number.MAX_SAFE_INTEGER}\n`,
  ],
] as const) {
  test(`[${args.join(' ')}] is an error with usage and exit code 1`, async (t) => {
    const { code, output, errors } = await start(t, ...args).ended;
    t.is(code, 1);
    t.is(output, '');
    t.true(errors.startsWith(line), errors);
    t.true(errors.includes('--turn-unhealthy-after'), errors);
  });
}

for (const [args, line] of [
  [['--morph=controller'], 'Error: Unknown morph: controller. Allowed values: [kubelet proxy]\n'],
  [[], 'Error: Unknown morph: . Allowed values: [kubelet proxy]\n'],
  [
    ['--morph=kubelet', '--kubeconfig=/nowhere/kubeconfig'],
    'Error: kubeconfig /nowhere/kubeconfig: no such file\n',
  ],
] as const) {
  test(`[${args.join(' ')}] ends with one line and exit code 1`, async (t) => {
    t.deepEqual(await start(t, ...args).ended, { code: 1, output: '', errors: line });
  });
}

test('--help and --version print and end well', async (t) => {
  const [help, version] = await Promise.all([
    start(t, '--help').ended,
    start(t, '--version').ended,
  ]);
  t.is(help.code, 0);
  t.true(help.output.includes('Usage:\n  kubemark [flags]\n'), help.output);
  t.deepEqual(version, { code: 0, output: 'Kubernetes v1.32.0\n', errors: '' });
});

test('a proxy idles until a signal', async (t) => {
  const { child, ended } = start(t, '--morph=proxy', '--name=n1', '--use-real-proxier=false', '');
  child.stdin.end();
  const isStillThere = await Promise.race([ended.then(() => false), delay(1500).then(() => true)]);
  t.true(isStillThere);
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
});

test('a kubelet registers, turns NotReady on schedule and dies of SIGTERM without a word', async (t) => {
  const { server, kubeconfig, client } = await startCluster(t);
  const seen: { ready: string | undefined; at: number }[] = [];
  const watched = watchReady(t, client, (ready) => seen.push({ ready, at: performance.now() }));
  const { child, ended } = start(
    t,
    '--morph=kubelet',
    '--name=n1',
    `--kubeconfig=${kubeconfig}`,
    '--kubelet-port=0',
    '--turn-unhealthy-periodically=true',
    '--unhealthy-duration=500ms',
    '--healthy-duration=2s',
  );
  await until(() => seen.length >= 3);
  const [first, second, third] = seen;
  t.deepEqual([first?.ready, second?.ready, third?.ready], ['True', 'False', 'True']);
  const phase = (third?.at ?? 0) - (second?.at ?? 0);
  t.true(phase < 2_000, `NotReady for ${phase} ms, as long as it should be Ready`);
  t.is((await client.list(leases, { namespace: 'kube-node-lease' })).items.length, 1);

  const writes: string[] = [];
  server.onRequest(({ verb, resource }) => void writes.push(`${verb} ${resource}`));
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
  t.deepEqual(writes, []);
  await watched.stop();
  t.is((await client.list(nodes)).items.length, 1);
});

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Tells each change of Ready of the one node there will be. */
function watchReady(
  t: ExecutionContext,
  client: ReturnType<typeof connect>,
  changed: (ready: string | undefined) => void,
) {
  const controller = new AbortController();
  t.teardown(() => controller.abort());
  let last: string | undefined;
  const watching = (async () => {
    const options = { resourceVersion: '0', signal: controller.signal };
    for await (const { object } of client.watch<Node>(nodes, options)) {
      const ready = object.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
      if (ready !== last) changed(ready);
      last = ready;
    }
  })();
  const stopped = watching.catch(() => {}); // ends by the abort
  return {
    stop: () => {
      controller.abort();
      return stopped;
    },
  };
}
