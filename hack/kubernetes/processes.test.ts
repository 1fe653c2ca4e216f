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
    mark: folder,
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

test('a process that does not listen is killed', async (t) => {
  const sleeper = await start(t, `process.on('SIGTERM', () => {})`);
  await stopProcesses([sleeper], realClock);
  t.false(await isRunning(sleeper));
});

test('a pid that belongs to another program now is left alone', async (t) => {
  const sleeper = await start(t, '');
  const gone = { ...sleeper, mark: '/another/folder' };
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
    mark: folder,
  });
  await t.throwsAsync(starting, { message: `spawn ${absent} ENOENT` });
});
