import { spawn, type ChildProcess } from 'node:child_process';

/** A program as users start it, until it is stopped. */
export class Program {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #ended = Promise.withResolvers<void>();
  #output = '';
  /** How it has ended by itself. */
  #end: Error | undefined;

  /**
   * @param command the file and its arguments
   * @param folder where it may leave files
   */
  constructor(name: string, [file = '', ...args]: readonly string[], folder: string) {
    this.#name = name;
    // A kubemark that found iptables would write rules for the whole machine, which stay.
    const env = { ...process.env, PATH: '', TMPDIR: folder };
    this.#process = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    this.#process.once('error', (error) => this.#noteEnd(error.message));
    this.#process.once('close', (code, signal) => this.#noteEnd(signal ?? code));
    const keep = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString()).slice(-200_000);
    };
    this.#process.stdout?.on('data', keep);
    this.#process.stderr?.on('data', keep);
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /**
   * The last of what it has said.
   *
   * @throws Error when it has ended by itself
   */
  get output(): string {
    if (this.#end !== undefined) throw this.#end;
    return this.#output;
  }

  /**
   * Kills it, as a machine that loses power, or asks it to end, for it has processes of its own.
   *
   * @throws Error when it had ended by itself
   */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const wasRunning = this.#process.kill(signal);
    await this.#ended.promise;
    if (!wasRunning && this.#end !== undefined) throw this.#end;
  }

  #noteEnd(how: string | number | null): void {
    this.#end = new Error(`${this.#name} has ended with ${how}:\n${this.#output.slice(-2_000)}`);
    this.#ended.resolve();
  }
}
