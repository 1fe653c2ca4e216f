import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { realClock } from '#runtime/clock.ts';
import { startControlPlane, type ControlPlaneOptions } from './control-plane.ts';
import { StartError } from './starter.ts';
import { temporaryFolder } from './testing.ts';

const forEver = 'while :; do sleep 0.1; done';

/** Shell scripts in place of the programs. */
async function options(
  t: ExecutionContext,
  scripts: { etcd: string; apiServer: string },
): Promise<ControlPlaneOptions> {
  const binaries = await temporaryFolder(t);
  const write = (name: string, script: string): Promise<void> =>
    writeFile(join(binaries, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  await write('etcd', scripts.etcd);
  await write(
    'kube-apiserver',
    `[ "$1" != --version ] || { echo 'Kubernetes v1.32.0'; exit; }\n${scripts.apiServer}`,
  );
  return {
    binaries,
    parent: await temporaryFolder(t),
    isFull: false,
    port: 0,
    clock: realClock,
    signal: new AbortController().signal,
  };
}

test('the last words of a program that ends are told, and nothing is left', async (t) => {
  const start = await options(t, {
    etcd: forEver,
    apiServer: 'echo "Error: bad flag" >&2; exit 1',
  });
  const error = await t.throwsAsync(startControlPlane(start), { instanceOf: StartError });
  t.is(error.message, 'kube-apiserver has ended. Its last words:\n  Error: bad flag');
  t.deepEqual(await readdir(start.parent), []);
});

test('when somebody takes its port meanwhile, the start is tried with others', async (t) => {
  const start = await options(t, {
    etcd: 'echo $1 >> "$(dirname "$0")/starts"; echo "bind: address already in use"; exit 1',
    apiServer: forEver,
  });
  await t.throwsAsync(startControlPlane(start), { instanceOf: StartError });
  const starts = await readFile(join(start.binaries, 'starts'), 'utf8');
  t.is(new Set(starts.trim().split('\n')).size, 3);
  t.deepEqual(await readdir(start.parent), []);
});

test('a start that is interrupted leaves nothing', async (t) => {
  const stop = new AbortController();
  const start = await options(t, { etcd: forEver, apiServer: forEver });
  const starting = startControlPlane({ ...start, signal: stop.signal });
  await realClock.sleep(200);
  stop.abort(new Error('interrupted'));
  await t.throwsAsync(starting, { message: 'interrupted' });
  t.deepEqual(await readdir(start.parent), []);
});
