import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { stringify } from 'yaml';
import { startCommand, type Command } from '#test/helpers/command.ts';
import { until } from '#runtime/testing/until.ts';
import { newMachine } from '#test/helpers/story.ts';

// One after the other: processes side by side would only slow each other down.
const program = 'hack/local/main.ts';

const local = (t: ExecutionContext, ...args: string[]): Command =>
  startCommand(t, program, ...args);

/** Milliseconds that a process has worked, however busy the machine is (proc(5): utime, stime). */
function processorTime({ process: { pid } }: Command): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function fileWith(t: ExecutionContext, content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'local-command-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'objects.yaml');
  await writeFile(file, content);
  return file;
}

test.serial('a run of some seconds ends by itself and reports one JSON document', async (t) => {
  const machine = newMachine('failing', {
    config: { turnUnhealthyAfter: true, healthyDuration: '1s', numCores: 3 },
  });
  const file = await fileWith(t, stringify(machine));
  const command = local(t, '--apply', file, '--for=4s', '--report=-');
  t.is(await command.ended, 0);
  const report = JSON.parse(command.stdout());
  t.like(report.machines, [{ namespace: 'default', name: 'failing', phase: 'Running' }]);
  t.is(report.nodes.length, 1);
  const [node] = report.nodes;
  t.is(node.providerID, report.machines[0].providerID);
  t.is(node.capacity.cpu, '3');
  t.like(node.transitions, [
    { ready: true, reason: 'KubeletReady' },
    { ready: false, reason: 'KubeletNotReady' },
  ]);
  const [, failure] = node.transitions;
  t.true(Math.abs(failure.seconds - 1) < 0.25, `${failure.seconds}`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  test.serial(`${signal} ends everything with exit code 0 and leaves no file`, async (t) => {
    const command = local(t, '--apply=examples');
    await until(() => command.stdout().includes('Running'));
    const [, kubeconfig = ''] = /--kubeconfig=(\S+)/.exec(command.stdout()) ?? [];
    t.true(existsSync(kubeconfig));
    const start = performance.now();
    command.process.kill(signal);
    t.is(await command.ended, 0);
    t.true(performance.now() - start < 3000);
    t.false(existsSync(kubeconfig));
    t.is(command.stderr(), '');
  });
}

const unknownKind = { apiVersion: 'example.com/v1', kind: 'Foo', metadata: { name: 'a' } };

for (const [title, content, message] of [
  ['broken YAML', 'a: [', /objects\.yaml:1: /],
  ['no object at all', '# nothing\n', /there is no object in it/],
  ['an object without a kind', 'apiVersion: v1\n', /kind is missing/],
  ['an object without a name', 'apiVersion: v1\nkind: Pod\n', /Pod: metadata\.name is missing/],
  ['an unknown kind', stringify(unknownKind), /Foo a: this cluster has no Foo in example\.com\/v1/],
  [
    'a Machine that the CRD refuses',
    stringify({ ...newMachine('a'), spec: { providerSpec: 'text' } }),
    /Machine default\/a: .*spec\.providerSpec/,
  ],
] as const) {
  test.serial(`a bad file is one line and exit code 2: ${title}`, async (t) => {
    const command = local(t, '--apply', await fileWith(t, content));
    t.is(await command.ended, 2);
    t.regex(command.stderr(), message);
    t.is(command.stderr().trim().split('\n').length, 1);
    t.is(command.stdout(), '');
  });
}

for (const [title, args, message] of [
  ['an unknown flag', ['--nope'], /unknown flag: --nope/],
  ['a duration', ['--for=5 sec'], /--for.*"5 sec" is not a duration/],
  ['a file that is not there', ['--apply=no/such/file.yaml'], /no\/such\/file\.yaml: no such file/],
  ['a port', ['--port=70000'], /--port/],
  [
    'a folder for the report that is not there',
    ['--for=1s', '--report=no/such/r.json'],
    /--report/,
  ],
  ['a folder as the report', ['--report=hack'], /"--report" flag: is a folder/],
  ['a folder as the kubeconfig', ['--kubeconfig=hack'], /"--kubeconfig" flag: is a folder/],
] as const) {
  test.serial(`a bad flag is one line and exit code 2: ${title}`, async (t) => {
    const command = local(t, ...args);
    t.is(await command.ended, 2);
    t.regex(command.stderr(), message);
    t.is(command.stderr().trim().split('\n').length, 1);
    t.is(command.stdout(), '');
  });
}

test.serial('a port that somebody else has is one line and exit code 2', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const command = local(t, `--port=${port}`);
  t.is(await command.ended, 2);
  t.is(command.stderr(), `local: invalid argument "${port}" for "--port" flag: already in use\n`);
});

test.serial(
  'a kubeconfig of an earlier run is replaced, one of somebody else is not',
  async (t) => {
    const file = await fileWith(t, '');
    const first = local(t, '--for=100ms', `--kubeconfig=${file}`);
    t.is(await first.ended, 0);
    const second = local(t, '--for=100ms', `--kubeconfig=${file}`);
    t.is(await second.ended, 0);
    const foreign = (await readFile(file, 'utf8')).replace('users:', 'extensions: []\nusers:');
    await writeFile(file, foreign);
    const third = local(t, '--for=100ms', `--kubeconfig=${file}`);
    t.is(await third.ended, 2);
    t.regex(third.stderr(), /--kubeconfig" flag: this file is not from an earlier run/);
    t.is(await readFile(file, 'utf8'), foreign);
  },
);

test.serial('when nobody reads its output any more the run ends and leaves no file', async (t) => {
  const command = local(t, '--apply=examples');
  await until(() => command.stdout().includes('Running'));
  const [, kubeconfig = ''] = /--kubeconfig=(\S+)/.exec(command.stdout()) ?? [];
  t.true(existsSync(kubeconfig));
  command.process.stdout?.destroy();
  t.is(await command.ended, 0);
  t.false(existsSync(kubeconfig));
  t.is(command.stderr(), '');
});

test.serial('an interrupt in the first moments is heard too', async (t) => {
  const command = local(t, '--apply=examples');
  // Node.js itself starts in less, loading the program takes three times as much.
  await until(() => processorTime(command) >= 300);
  t.is(command.stdout(), '');
  command.process.kill('SIGINT');
  t.is(await command.ended, 0);
});
