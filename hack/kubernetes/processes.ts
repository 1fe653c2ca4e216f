import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { Clock } from '#runtime/clock.ts';

/** A program that outlives the one who started it. */
export interface BackgroundProcess {
  name: string;
  pid: number;
  /** A part of its command line: the pid alone may belong to another process one day. */
  mark: string;
}

export interface Start {
  name: string;
  file: string;
  args: readonly string[];
  /** Where its output goes. */
  log: string;
  mark: string;
}

/** @throws Error when it cannot be started */
export async function startProcess(start: Start): Promise<BackgroundProcess> {
  const { name, file, args, log, mark } = start;
  const output = await open(log, 'a');
  try {
    // A process group of its own: Ctrl-C is for the one who started it.
    const child = spawn(file, args, {
      detached: true,
      stdio: ['ignore', output.fd, output.fd],
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.once('spawn', resolve);
    child.once('error', reject);
    await promise;
    child.unref();
    return { name, pid: child.pid ?? 0, mark };
  } finally {
    await output.close();
  }
}

export async function isRunning({ pid, mark }: BackgroundProcess): Promise<boolean> {
  if (!canSignal(pid, 0)) return false;
  // Empty for a process that has ended and that nobody has waited for.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined);
  return commandLine === undefined ? !hasProc : commandLine.includes(mark);
}

const hasProc = process.platform === 'linux';

/** How long a process may take to end by itself. */
const patience = 2_000;

/** Resolves when all have ended. */
export async function stopProcesses(
  processes: readonly BackgroundProcess[],
  clock: Clock,
): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    const deadline = clock.monotonic() + patience;
    let rest = await runningOf(processes);
    for (const { pid } of rest) canSignal(pid, signal);
    while (rest.length > 0 && clock.monotonic() < deadline) {
      await clock.sleep(20);
      rest = await runningOf(rest);
    }
    if (rest.length === 0) return;
    if (signal === 'SIGKILL') {
      throw new Error(`${rest.map(({ name, pid }) => `${name} (${pid})`).join(', ')} does not end`);
    }
  }
}

async function runningOf(processes: readonly BackgroundProcess[]): Promise<BackgroundProcess[]> {
  const answers = await Promise.all(processes.map(isRunning));
  return processes.filter((_, index) => answers[index]);
}

function canSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // gone meanwhile
  }
}
