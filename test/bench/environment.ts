import { execFile } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { timestamp } from '#api/timestamp.ts';
import { realClock } from '#runtime/clock.ts';

/** What figures depend on besides the code. */
export interface Environment {
  date: string;
  cores: number;
  processor: string;
  /** Of the machine in the minute before: others who use it make all figures worse. */
  load: number;
  node: string;
  kubernetes: string;
}

/** @param binaries where the control plane's programs are */
export async function environmentWith(binaries: string): Promise<Environment> {
  const { stdout } = await promisify(execFile)(join(binaries, 'kube-apiserver'), ['--version']);
  return {
    date: timestamp(realClock.now()),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
    node: process.version,
    kubernetes: stdout.trim().replace('Kubernetes ', ''),
  };
}
