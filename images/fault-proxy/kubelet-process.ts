import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from '#hollow-node/fault-schedule.ts';

export interface KubeletProcess {
  /** The file and its arguments. */
  command: readonly string[];
  faults: FaultSchedule;
  log: Logger;
}

/** As of a hollow node that crashes. */
const crashed = 1;

/**
 * Runs a kubelet, killed while the node has crashed, as a machine that loses power.
 *
 * Resolves to the exit code of a kubelet that ends by itself, or by a crash without a duration; rejects
 * when `signal` aborts, once the kubelet is gone.
 */
export async function runKubelet(
  { command, faults, log }: KubeletProcess,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    await faults.until(({ isDown }) => !isDown, signal);
    const ended = new AbortController();
    const isOver = AbortSignal.any([signal, ended.signal]);
    const code = start(command, ended);
    const crash = faults.until(({ isDown }) => isDown, isOver).then(() => true);
    const hasCrashed = await crash.catch(() => false); // it has ended, or is to end
    if (!hasCrashed && !signal.aborted) return code.ended;
    code.kill();
    await code.ended;
    signal.throwIfAborted();
    log.info('Killed the kubelet');
    if (faults.now().isEnded) return crashed;
  }
}

function start([file = '', ...args]: readonly string[], over: AbortController) {
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
  const ended = promise.finally(() => over.abort());
  ended.catch(() => {}); // told to who awaits it
  return { ended, kill: () => child.kill('SIGKILL') };
}

export interface ForeignKubelet extends Omit<KubeletProcess, 'command'> {
  /** The file that it was started as. */
  program: string;
}

/**
 * Kills, when the node crashes, a kubelet that somebody else has started, and will start again: the
 * container beside this one, if both are in one process namespace. Linux only.
 *
 * Resolves to an exit code after a crash without a duration: both are to start anew. Rejects when
 * `signal` aborts.
 */
export async function killOnCrash(
  { program, faults, log }: ForeignKubelet,
  signal: AbortSignal,
): Promise<number> {
  for (;;) {
    await faults.until(({ isDown }) => isDown, signal);
    for (const id of await processesOf(program)) {
      try {
        process.kill(id, 'SIGKILL');
        log.info('Killed the kubelet', { process: id });
      } catch (error) {
        log.error('Failed to kill the kubelet: the node is only cut off', error);
      }
    }
    if (faults.now().isEnded) return crashed;
    await faults.until(({ isDown }) => !isDown, signal);
  }
}

async function processesOf(program: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const files = await Promise.all(
    ids.map(async (id) => {
      const commandLine = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => ''); // it has ended
      return commandLine.split('\0', 1)[0];
    }),
  );
  return ids.filter((_, index) => files[index] === program).map(Number);
}
