import { readFile } from 'node:fs/promises';

/** What a process has used so far, as Linux counts it. */
export interface Usage {
  cpuSeconds: number;
  /** Megabytes (10⁶ bytes) of memory, now. */
  rss: number;
  /** Megabytes, at most so far. */
  peakRSS: number;
}

/** Of /proc/PID/stat on every Linux that Node.js runs on. */
const ticksPerSecond = 100;

export async function usageOf(pid: number): Promise<Usage> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile(`/proc/${pid}/status`, 'utf8'),
  ]);
  return {
    cpuSeconds: cpuTicks(stat) / ticksPerSecond,
    rss: megabytes(status, 'VmRSS'),
    peakRSS: megabytes(status, 'VmHWM'),
  };
}

export async function cpuSecondsOf(pids: readonly number[]): Promise<number> {
  const usages = await Promise.all(pids.map(usageOf));
  return usages.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
}

/** Megabytes of memory, that which is shared divided among those who share it. */
export async function proportionalMemory(pid: number): Promise<number> {
  return megabytes(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'), 'Pss');
}

/** User and system time: the 14th and 15th field; the second is a name in parentheses. */
export function cpuTicks(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** The value of a line such as `VmRSS:  1234 kB`; the kernel's kB are 1,024 bytes. */
export function megabytes(text: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(?<kibibytes>\\d+) kB$`, 'm').exec(text);
  if (found === null) throw new Error(`no ${name} in:\n${text}`);
  return (Number(found.groups?.['kibibytes']) * 1024) / 1e6;
}
