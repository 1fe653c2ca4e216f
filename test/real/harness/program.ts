import { spawn, type ChildProcess } from 'node:child_process';

/** A program as users start it, until it is stopped. */
export class Program {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals | null>;
  #output = '';

  /** @param command the file and its arguments */
  constructor(name: string, [file = '', ...args]: readonly string[]) {
    this.#name = name;
    this.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>();
    this.#process.once('error', reject);
    this.#process.once('close', (code, signal) => resolve(signal ?? code));
    promise.catch(() => {}); // `stop` tells
    this.#ended = promise;
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-20_000);
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
  }

  /** The last of what it has said. */
  get output(): string {
    return this.#output;
  }

  /**
   * Kills it, as a machine that loses power.
   *
   * @throws Error when it had ended by itself
   */
  async stop(): Promise<void> {
    const wasRunning = this.#process.kill('SIGKILL');
    const end = await this.#ended;
    if (wasRunning) return;
    throw new Error(`${this.#name} has ended with ${end}:\n${this.#output.slice(-2_000)}`);
  }
}
