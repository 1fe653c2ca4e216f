import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import type { Clock } from '#runtime/clock.ts';

/** A program that outlives the one who started it. */
export interface BackgroundProcess {
  name: string;
  pid: number;
  /** The kernel's count of when it started: the pid alone may belong to another process one day. */
  startTime?: string;
}

export interface Start {
  name: string;
  file: string;
  args: readonly string[];
  /** Where its output goes. */
  log: string;
}

/** @throws Error when it cannot be started */
export async function startProcess(start: Start): Promise<BackgroundProcess> {
  const { name, file, args, log } = start;
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
    const pid = child.pid ?? 0;
    const stat = await statOf(pid);
    return { name, pid, ...(stat && { startTime: stat.startTime }) };
  } finally {
    await output.close();
  }
}

export async function isRunning({ pid, startTime }: BackgroundProcess): Promise<boolean> {
  if (!canSignal(pid, 0)) return false;
  const stat = await statOf(pid);
  if (stat === undefined) return startTime === undefined; // not Linux: the pid is all there is
  return !ended.has(stat.state) && stat.startTime === (startTime ?? stat.startTime);
}

/** Has ended, and nobody has waited for it; is about to be nothing. */
const ended: ReadonlySet<string> = new Set(['Z', 'X']);

interface Stat {
  /** A letter: R runs, S sleeps, Z is a zombie, … */
  state: string;
  /** Clock ticks since the machine started: it stays when the process executes another program. */
  startTime: string;
}

/** Of a process there is; see proc(5), /proc/pid/stat, fields 3 and 22. */
async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' '); // field 2 is a name in parentheses
  const [state = '', startTime = ''] = [fields[0], fields[19]];
  return { state, startTime };
}

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
