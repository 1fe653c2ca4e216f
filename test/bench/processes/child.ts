import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Run } from '../run.ts';
import { root } from './scripts.ts';
import { usageOf, type Usage } from './usage.ts';

export interface Program {
  name: string;
  file: string;
  args: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** Told of each line of standard output. */
  onLine?: (line: string) => void;
}

/** Milliseconds that a program has to end by itself. */
const patience = 5_000;

/** A program that runs as long as it is in use. Its standard error goes to a file of the run. */
export class Child implements AsyncDisposable {
  readonly pid: number;
  readonly #run: Run;
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  #isWanted = true;

  private constructor(run: Run, process: ChildProcess, ended: Promise<void>) {
    this.pid = process.pid ?? 0;
    this.#run = run;
    this.#process = process;
    this.#ended = ended;
  }

  /** The run fails when the program ends before it is disposed of. */
  static async start(run: Run, program: Program): Promise<Child> {
    run.signal.throwIfAborted();
    const { name, file, args, env = process.env, onLine = () => {} } = program;
    const log = join(await mkdtemp(join(run.folder, `${name}-`)), 'stderr.log');
    await using output = await open(log, 'w');
    const started = spawn(file, args, { env, cwd: root, stdio: ['pipe', 'pipe', output.fd] });
    const spawned = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    started.once('spawn', spawned.resolve);
    started.once('error', spawned.reject);
    started.once('close', () => ended.resolve());
    await spawned.promise;
    const child = new Child(run, started, ended.promise);
    if (started.stdout) createInterface({ input: started.stdout }).on('line', onLine);
    started.once('close', (code, signal) => {
      if (child.#isWanted) void child.#fail(name, signal ?? code, log); // does not reject
    });
    return child;
  }

  /** Programs of the benchmarks begin when they are told to. */
  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  usage(): Promise<Usage> {
    return usageOf(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isWanted = false;
    this.#process.kill('SIGTERM');
    const timer = this.#run.clock.setTimeout(() => this.#process.kill('SIGKILL'), patience);
    await this.#ended;
    timer.cancel();
  }

  async #fail(name: string, end: number | string | null, log: string): Promise<void> {
    const text = await readFile(log, 'utf8').catch(() => '');
    const last = text.trimEnd().split('\n').slice(-10).join('\n  ');
    this.#run.fail(new Error(`${name} has ended with ${end}. Its last words:\n  ${last}`));
  }
}
