import { join } from 'node:path';
import type { Clock } from '#runtime/clock.ts';
import type { ControlPlaneProgram } from './binaries/programs.ts';
import { argumentsOf, type ComponentOptions } from './components.ts';
import { readIfFound } from './files.ts';
import { isRunning, startProcess } from './processes.ts';
import { writeState, type State } from './state.ts';

export interface StarterOptions {
  state: State;
  components: ComponentOptions;
  clock: Clock;
  signal: AbortSignal;
  /** Milliseconds until everything must be ready. */
  patience: number;
}

/** A program did not get ready; `message` ends with what it logged last. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** Starts the programs of one control plane and watches over them until they are ready. */
export class Starter {
  readonly #options: StarterOptions;
  readonly #deadline: number;

  constructor(options: StarterOptions) {
    this.#options = options;
    this.#deadline = options.clock.monotonic() + options.patience;
  }

  start(program: ControlPlaneProgram): Promise<void> {
    const { state, components } = this.#options;
    const file = join(state.binaries, program);
    return this.run(program, { file, args: argumentsOf(program, components) });
  }

  async run(name: string, command: { file: string; args: readonly string[] }): Promise<void> {
    const { state, signal } = this.#options;
    signal.throwIfAborted();
    const log = this.#logOf(name);
    const started = await startProcess({ name, ...command, log });
    state.processes.push(started);
    await writeState(state); // whatever happens now, `stop` finds it
  }

  /**
   * Asks until there is an answer.
   *
   * @throws StartError when a program ends, or after the patience
   */
  async waitFor<Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer> {
    const { state, clock, signal, patience } = this.#options;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      for (const started of state.processes) {
        if (!(await isRunning(started))) throw await this.#failure(started.name, 'has ended');
      }
      if (clock.monotonic() > this.#deadline) {
        throw await this.#failure('kube-apiserver', `shows no ${what} in ${patience / 1000} s`);
      }
      await clock.sleep(50, signal);
    }
  }

  async #failure(program: string, what: string): Promise<StartError> {
    const log = (await readIfFound(this.#logOf(program))) ?? '';
    const last = log.trimEnd().split('\n').slice(-10).join('\n  ');
    return new StartError(`${program} ${what}. Its last words:\n  ${last}`);
  }

  #logOf(program: string): string {
    return join(this.#options.state.folder, `${program}.log`);
  }
}
