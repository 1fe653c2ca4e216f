import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { realClock } from '#runtime/clock.ts';
import { isRunning, startProcess, stopProcesses, type BackgroundProcess } from './processes.ts';
import { temporaryFolder } from './testing.ts';

/** A program of Node.js that goes on until it is ended. */
async function start(
  t: ExecutionContext,
  code: string,
): Promise<BackgroundProcess & { log: string }> {
  const folder = await temporaryFolder(t);
  const log = join(folder, 'log');
  const started = await startProcess({
    name: 'sleeper',
    file: process.execPath,
    args: ['-e', `${code}; setTimeout(() => {}, 60_000); console.log('up')`, folder],
    log,
  });
  t.teardown(() => stopProcesses([started], realClock));
  while (!(await readFile(log, 'utf8')).includes('up')) await realClock.sleep(10);
  return { ...started, log };
}

test('a process runs until it is stopped', async (t) => {
  const sleeper = await start(t, '');
  t.true(await isRunning(sleeper));
  await stopProcesses([sleeper], realClock);
  t.false(await isRunning(sleeper));
  await stopProcesses([sleeper], realClock);
});

test('a process runs while it executes one program after another', async (t) => {
  const folder = await temporaryFolder(t);
  const again = 'if [ $0 -gt 0 ]; then exec sh -c "$1" $(($0 - 1)) "$1"; fi; echo up; sleep 60; :';
  const log = join(folder, 'log');
  const args = ['-c', again, '300', again];
  const changing = await startProcess({ name: 'changing', file: 'sh', args, log });
  t.teardown(() => stopProcesses([changing], realClock));
  while (!(await readFile(log, 'utf8')).includes('up')) {
    if (!(await isRunning(changing))) return t.fail('it has not ended');
  }
  return t.pass();
});

test('a process that has ended does not run, though nobody has waited for it', async (t) => {
  const folder = await temporaryFolder(t);
  const log = join(folder, 'log');
  const args = ['-c', 'sleep 60 & echo $!; exec sleep 60'];
  const parent = await startProcess({ name: 'parent', file: 'sh', args, log });
  t.teardown(() => stopProcesses([parent], realClock));
  const child = async (): Promise<number> => Number(await readFile(log, 'utf8'));
  // A shell waits for its children, and sleep does not.
  while ((await readFile(`/proc/${parent.pid}/comm`, 'utf8')) !== 'sleep\n')
    await realClock.sleep(10);
  const zombie = { name: 'zombie', pid: await child() };
  t.true(await isRunning(zombie));
  process.kill(zombie.pid, 'SIGKILL');
  while (await isRunning(zombie)) await realClock.sleep(10);
  t.true(await isRunning(parent));
  t.notThrows(() => process.kill(zombie.pid, 0), 'it is still there');
});

test('a process that does not listen is killed', async (t) => {
  const sleeper = await start(t, `process.on('SIGTERM', () => {})`);
  await stopProcesses([sleeper], realClock);
  t.false(await isRunning(sleeper));
});

test('a pid that belongs to another program now is left alone', async (t) => {
  const sleeper = await start(t, '');
  const gone = { ...sleeper, startTime: '1' };
  t.false(await isRunning(gone));
  await stopProcesses([gone], realClock);
  t.true(await isRunning(sleeper));
});

test('a program that is not there is an error', async (t) => {
  const folder = await temporaryFolder(t);
  const absent = join(folder, 'etcd');
  const starting = startProcess({
    name: 'etcd',
    file: absent,
    args: [],
    log: join(folder, 'log'),
  });
  await t.throwsAsync(starting, { message: `spawn ${absent} ENOENT` });
});
