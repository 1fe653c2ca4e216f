/** The program, as users start it, with our own hollow node as the kubelet behind it. */
import test, { type ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodes } from '#api/core.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { startMachineServer } from '#test/helpers/machine-server.ts';
import { eventually } from './testing/proxied.ts';

const program = fileURLToPath(new URL('main.ts', import.meta.url));
const kubelet = fileURLToPath(new URL('../hollow-node/kubemark.ts', import.meta.url));

function start(t: ExecutionContext, ...args: string[]) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [program, ...args], { env: { PATH, HOME } });
  t.teardown(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk) => (errors += String(chunk)));
  child.stdout.resume();
  const ended = once(child, 'close').then(() => ({ code: child.exitCode, errors }));
  return { child, ended, errors: () => errors };
}

async function startCluster(t: ExecutionContext) {
  const { client, folder, kubeconfig } = await startMachineServer(t, []);
  const node = () => ifFound(client.get(nodes, { namespace: '', name: 'n1' }));
  const ready = async () =>
    (await node())?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  const kubeletKubeconfig = join(folder, 'kubelet');
  const args = [
    `--kubeconfig=${kubeconfig}`,
    '--node-name=n1',
    '--listen=127.0.0.1:0',
    `--kubelet-kubeconfig=${kubeletKubeconfig}`,
  ];
  const command = [process.execPath, kubelet, '--morph=kubelet', '--name=n1', '--kubelet-port=0'];
  command.push(`--kubeconfig=${kubeletKubeconfig}`);
  return { client, args, command, node, ready, kubeletKubeconfig };
}

test('a kubelet that it starts fails on schedule, and crashes when it should', async (t) => {
  t.timeout(60_000);
  const { args, command, ready, node, client, kubeletKubeconfig } = await startCluster(t);
  const faults = '--faults=NotReady after 5s for 2s; Crash after 10s for 3s';
  const { child, ended, errors } = start(t, ...args, faults, '--', ...command);
  await eventually(async () => (await ready()) === 'True');
  t.regex(await readFile(kubeletKubeconfig, 'utf8'), /"server": "http:\/\/127\.0\.0\.1:\d+"/);
  await eventually(async () => (await ready()) === 'False');
  await eventually(async () => (await ready()) === 'True');
  await eventually(async () => errors().includes('Killed the kubelet'));
  await client.delete(nodes, { namespace: '', name: 'n1' });
  await eventually(async () => (await node()) !== undefined); // only a kubelet that starts does this
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
});

test('a kubelet that somebody else has started is killed when it should crash, and nothing else is', async (t) => {
  t.timeout(60_000);
  const { args, kubeletKubeconfig } = await startCluster(t);
  const own = `${kubeletKubeconfig}-program`; // nobody else's
  const runs = (argv0: string) => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { argv0 });
    t.teardown(() => child.kill('SIGKILL'));
    return child;
  };
  const [first, other] = [runs(own), runs(`${own}-of-another`)];
  const faults = '--faults=Crash after 2s for 1s every 4s';
  const { child, ended, errors } = start(t, ...args, faults, `--kubelet-program=${own}`);
  t.deepEqual(await once(first, 'close'), [null, 'SIGKILL']);
  await eventually(async () => errors().includes('Connecting the node again'));
  t.deepEqual(await once(runs(own), 'close'), [null, 'SIGKILL']);
  t.is(other.exitCode ?? other.signalCode, null);
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
});

for (const whose of ['its own', "somebody else's"]) {
  test(`a crash without a duration ends ${whose} kubelet and the proxy, for whoever runs them to start`, async (t) => {
    t.timeout(60_000);
    const { args, kubeletKubeconfig } = await startCluster(t);
    const own = `${kubeletKubeconfig}-program`;
    const idle = ['-e', 'setInterval(() => {}, 1e6)'];
    const isForeign = whose !== 'its own';
    const other = isForeign ? spawn(process.execPath, idle, { argv0: own }) : undefined;
    t.teardown(() => other?.kill('SIGKILL'));
    const whom = isForeign ? [`--kubelet-program=${own}`] : ['--', process.execPath, ...idle];
    const { code, errors } = await start(t, ...args, '--faults=Crash after 2s', ...whom).ended;
    t.is(code, 1);
    t.regex(errors, /Killed the kubelet/);
    if (other) t.is(other.signalCode ?? (await once(other, 'close'))[1], 'SIGKILL');
  });
}

test('a kubelet that ends by itself ends the proxy, with its exit code', async (t) => {
  const { args } = await startCluster(t);
  const { ended } = start(t, ...args, '--', process.execPath, '-e', 'process.exit(7)');
  t.is((await ended).code, 7);
});

for (const [args, message] of [
  [['--faults=Sleepy'], 'invalid argument for "--faults" flag: faults[0].type: "Sleepy"'],
  [['--kubeconfig=/nowhere'], 'kubeconfig /nowhere: no such file'],
  [['--tls-cert-file=/nowhere'], '--tls-cert-file and --tls-private-key-file go together'],
  [
    [`--tls-cert-file=${program}`, `--tls-private-key-file=${program}`],
    '--tls-cert-file and --tls-private-key-file are no pair of PEM files: ',
  ],
  [['--', 'kubemark'], '--node-name is missing'],
] as const) {
  test(`[${args.join(' ').replaceAll(program, 'main.ts')}] is refused in one line`, async (t) => {
    const { code, errors } = await start(t, ...args).ended;
    t.is(code, 1);
    t.true(errors.startsWith(`Error: ${message}`), errors);
  });
}
