import { access } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../run.ts';

/** This machine lacks something that only its owner can give it. */
export class NodeError extends Error {
  override readonly name = 'NodeError';
}

export interface Installation {
  say: (line: string) => void;
  signal: AbortSignal;
}

/** Those of `wanted`, packages by name with a file of each, that are not installed. */
export async function missingPackages(wanted: Readonly<Record<string, string>>): Promise<string[]> {
  const entries = Object.entries(wanted);
  const found = await Promise.all(entries.map(([, file]) => exists(file)));
  return entries.filter((_, index) => !found[index]).map(([name]) => name);
}

/** @throws NodeError without apt-get; Error when it fails */
export async function installPackages(
  names: readonly string[],
  { say, signal }: Installation,
): Promise<void> {
  const list = names.join(', ');
  if (!(await exists('/usr/bin/apt-get'))) {
    throw new NodeError(`${list}: missing, and there is no apt-get to install them with`);
  }
  if (process.getuid?.() !== 0)
    throw new NodeError(`${list}: missing, and only root installs them`);
  const onLine = (line: string): void => say(`  ${line}`);
  await run('sh', [scriptFile('install.sh'), ...names], { signal, onLine });
}

/** The path of a script in this folder. */
export function scriptFile(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
