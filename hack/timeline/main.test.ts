import test from 'ava';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { nodes } from '#api/core.ts';
import { connect } from '#runtime/testing/http-peer.ts';
import { until } from '#runtime/testing/until.ts';
import { startApiServer } from '#test/helpers/api-server.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('main.ts', import.meta.url));

test('the program watches for a while, draws, and leaves a page', async (t) => {
  const { server, url } = await startApiServer(t);
  const folder = await mkdtemp(join(tmpdir(), 'timeline-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const [kubeconfig, out] = [join(folder, 'kubeconfig'), join(folder, 'page.html')];
  await writeFile(kubeconfig, server.kubeconfig());
  const client = connect(t, url);
  const conditions = [{ type: 'Ready', status: 'True' }];
  await client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1' },
    status: { conditions },
  });
  const args = [program, `--kubeconfig=${kubeconfig}`, `--out=${out}`, '--for=3s'];
  const { stdout } = await run(process.execPath, args);
  t.regex(stdout, /^node n1 +█+\n/);
  t.regex(await readFile(out, 'utf8'), /node n1: Ready for/);
});

test('a mistake is told in one line', async (t) => {
  const failed = run(process.execPath, [program, '--kubeconfig=/nowhere']);
  await t.throwsAsync(failed, { code: 2, message: /timeline: kubeconfig \/nowhere: no such file/ });
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
