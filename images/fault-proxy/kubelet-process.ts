import { spawn } from 'node:child_process';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from '#hollow-node/fault-schedule.ts';

export interface KubeletProcess {
  /** The file and its arguments. */
  command: readonly string[];
  faults: FaultSchedule;
  log: Logger;
}

/**
 * Runs a kubelet, killed while the node has crashed, as a machine that loses power.
 *
 * Resolves to the exit code of a kubelet that ends by itself; rejects when `signal` aborts, once the
 * kubelet is gone.
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
