import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface RunOptions {
  /** Ends the program and all that it has started. */
  signal?: AbortSignal;
  /** Told of each line of standard output. */
  onLine?: (line: string) => void;
}

/**
 * Runs a program to its end.
 *
 * @throws the signal's reason when it aborts; otherwise Error with what was last written to standard error
 */
export async function run(
  command: string,
  args: readonly string[],
  { signal, onLine = () => {} }: RunOptions = {},
): Promise<void> {
  signal?.throwIfAborted();
  // A process group of its own, so that it can be ended as a whole.
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const stop = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid);
    } catch {
      // has just ended
    }
  };
  signal?.addEventListener('abort', stop, { once: true });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-2_000);
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>();
  child.once('error', reject);
  child.once('close', (code, by) => resolve(by ?? code));
  const end = await promise;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  if (end !== 0) throw new Error(`${command} ended with ${end}: ${complaints.trim()}`);
}
