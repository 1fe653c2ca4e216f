/** The files that a run writes. */
import { access, constants, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FlagError } from '#runtime/flags.ts';
import { isKubeconfig, kubeconfigFor } from './apiserver/kubeconfig.ts';
import type { LocalOptions } from './options.ts';
import type { Report } from './recorder.ts';

/**
 * What cannot be written at the end is better told at the start.
 *
 * @throws FlagError
 */
export async function checkReport(path: string): Promise<void> {
  if (path !== '' && path !== '-') await checkWritable('report', path);
}

/**
 * A kubeconfig that others wrote may be the only one somebody has.
 *
 * @throws FlagError
 */
export async function checkKubeconfig(path: string): Promise<void> {
  if (path === '') return;
  await checkWritable('kubeconfig', path);
  const text = await readFile(path, 'utf8').catch(() => '');
  if (text.trim() !== '' && !isKubeconfig(text)) {
    throw badPath('kubeconfig', path, 'this file is not from an earlier run, and is not replaced');
  }
}

/**
 * @param flag names the file
 * @throws FlagError
 */
export async function checkWritable(flag: string, path: string): Promise<void> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) throw badPath(flag, path, 'is a folder (want a file)');
  await access(info === undefined ? dirname(path) : path, constants.W_OK).catch(() => {
    const problem = info === undefined ? 'no folder to write it in' : 'cannot be written';
    throw badPath(flag, path, problem);
  });
}

function badPath(flag: string, path: string, problem: string): FlagError {
  return new FlagError(`invalid argument "${path}" for "--${flag}" flag: ${problem}`);
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'kubemark-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

type OutputOptions = Pick<LocalOptions, 'kubeconfig' | 'report'>;

export interface OutputFiles {
  /** Resolves to the path of the file. */
  kubeconfig(url: string): Promise<string>;
  report(report: Report): Promise<void>;
}

/** Where the user wants them; a kubeconfig that nobody asked for goes into `folder`. */
export function writeFiles(options: OutputOptions, folder: string): OutputFiles {
  return {
    kubeconfig: async (url) => {
      const path = options.kubeconfig || join(folder, 'kubeconfig');
      await writeFile(path, kubeconfigFor(url), { mode: 0o600 });
      return path;
    },
    report: async (report) => {
      const text = `${JSON.stringify(report)}\n`;
      if (options.report === '-') process.stdout.write(text);
      else if (options.report !== '') await writeFile(options.report, text);
    },
  };
}
