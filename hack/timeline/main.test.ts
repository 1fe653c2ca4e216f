import test from 'ava';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodes, type Node } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { realClock } from '#runtime/clock.ts';
import { until } from '#runtime/testing/until.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { install, newKubemarkMachine, startMachineServer } from '#test/helpers/machine-server.ts';
import { Timeline } from './timeline.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('main.ts', import.meta.url));

const ready = [{ type: 'Ready', status: 'True' }];
const newNode = (name: string, more: Partial<Node['metadata']> = {}): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, ...more },
  status: { conditions: ready },
});

test('the program watches for a while, draws, and leaves a page', async (t) => {
  const { client, kubeconfig, folder } = await startMachineServer(t, []);
  const out = join(folder, 'page.html');
  await client.create(nodes, newNode('n1'));
  const args = [program, `--kubeconfig=${kubeconfig}`, `--out=${out}`, '--for=3s'];
  const { stdout, stderr } = await run(process.execPath, args);
  t.regex(stdout, /^node n1 +█+\n/);
  t.regex(await readFile(out, 'utf8'), /node n1: Ready for/);
  t.regex(stderr, /^timeline: the API server has no \S+, \S+, \S+ yet, so only Nodes are shown\n$/);
});

test('the machines are of one cluster, their Nodes of another', async (t) => {
  const management = await startMachineServer(t, [kubemarkMachines]);
  const workload = await startMachineServer(t, []);
  const annotations = { [faultAnnotation]: 'Crash' };
  await management.client.create(kubemarkMachines, newKubemarkMachine('k1', { annotations }));
  await workload.client.create(nodes, newNode('k1', { annotations }));
  await management.client.create(nodes, newNode('management'));
  await management.client.create(
    kubemarkMachines,
    newKubemarkMachine('k2', { namespace: 'kube-system' }),
  );
  const { stdout } = await run(process.execPath, [
    program,
    `--kubeconfig=${management.kubeconfig}`,
    `--node-kubeconfig=${workload.kubeconfig}`,
    '--namespace=default',
    '--for=3s',
  ]);
  const [line = '', ...rest] = stdout.split('\n');
  t.regex(line, /^default\/k1 +·*!█*$/);
  t.is(rest[0], '', 'one line for both, and nothing else');
});

test('kinds that are installed later are found, and those that are not cost little', async (t) => {
  const { server, client } = await startMachineServer(t, []);
  const screen = { columns: 80, rows: 24 };
  let requests = 0;
  server.onRequest(() => (requests += 1));
  const clock = new FakeClock();
  const timeline = new Timeline({ client, clock });
  const stop = new AbortController();
  const watching = timeline.run(stop.signal);
  const minutes = 10;
  for (let second = 0; second < minutes * 60; second += 1) await step(clock);
  t.true(requests < minutes * 60, `${requests} requests in ${minutes} minutes`);
  await install(client, [kubemarkMachines]);
  await client.create(kubemarkMachines, newKubemarkMachine('k1'));
  while (!timeline.draw(screen).startsWith('default/k1')) await step(clock);
  stop.abort();
  await watching;
});

/** A second, and time for answers, which come through real sockets. */
async function step(clock: FakeClock): Promise<void> {
  await clock.advance(1000);
  await realClock.sleep(2);
}

test('a mistake is told in one line', async (t) => {
  const failed = run(process.execPath, [program, '--kubeconfig=/nowhere']);
  await t.throwsAsync(failed, { code: 2, message: /timeline: kubeconfig \/nowhere: no such file/ });
});

test('a page that cannot be written is told before anything is watched, not at the end', async (t) => {
  for (const out of ['/nowhere/page.html', tmpdir()]) {
    const failed = run(process.execPath, [program, '--kubeconfig=/nowhere', `--out=${out}`]);
    await t.throwsAsync(failed, { code: 2, message: /invalid argument ".*" for "--out" flag: / });
  }
});

test('what cannot be read is told before anything is drawn', async (t) => {
  const { server, kubeconfig } = await startMachineServer(t, [kubemarkMachines]);
  const error = { code: 403, reason: 'Forbidden', message: 'kubemarkmachines is forbidden' };
  server.faults.add({ verb: 'list', resource: 'kubemarkmachines', error });
  const failed = run(process.execPath, [program, `--kubeconfig=${kubeconfig}`]);
  await t.throwsAsync(failed, {
    code: 1,
    message: /timeline: kubemarkmachines is forbidden\n$/,
  });
});

test('the embedded cluster shows the same page while it runs', async (t) => {
  const local = fileURLToPath(new URL('../local/main.ts', import.meta.url));
  const examples = fileURLToPath(new URL('../../examples', import.meta.url));
  const args = [local, `--apply=${examples}`, '--timeline=127.0.0.1:0', '--for=8s'];
  const command = execFile(process.execPath, args);
  t.teardown(() => command.kill());
  let output = '';
  command.stdout?.on('data', (chunk) => (output += String(chunk)));
  await until(() => /Timeline +http:\S+/.test(output));
  const [, url = ''] = /Timeline +(http:\S+)/.exec(output) ?? [];
  let page = '';
  while (!/: Ready for/.test(page)) page = await (await fetch(url)).text();
  t.regex(page, /http-equiv="refresh"/);
});
