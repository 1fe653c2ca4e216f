import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions {
  signal?: AbortSignal;
  /** Told of each line of standard output. */
  onLine?: (line: string) => void;
}

/**
 * Runs a program to its end.
 *
 * @throws Error with the last lines that it wrote to standard error
 */
export async function run(
  command: string,
  args: readonly string[],
  { signal, onLine = () => {} }: RunOptions = {},
): Promise<void> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal !== undefined && { signal }),
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2_000);
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>();
  child.once('error', reject);
  child.once('close', (code, by) => resolve(by ?? code));
  const end = await promise;
  if (end !== 0) throw new Error(`${command} ended with ${end}: ${complaints.trim()}`);
}
