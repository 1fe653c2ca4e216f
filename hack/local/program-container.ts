import type { Pod } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { ContainerStatus } from '#hollow-node/pod-runtime.ts';
import type { Clock, Timer } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import type { Program } from './programs.ts';

type Container = NonNullable<Pod['spec']>['containers'][number];
type State = NonNullable<ContainerStatus['state']>;

export interface ProgramContainerOptions {
  container: Container;
  env: Readonly<Record<string, string>>;
  /** `undefined`: the image is unknown. */
  program: Program | undefined;
  restartPolicy: string;
  clock: Clock;
  /** Called whenever `status` is another one. */
  readonly changed: () => void;
}

/** The kubelet's pauses between restarts, in milliseconds: none at first, then doubling. */
const firstBackoff = 10_000;
const longestBackoff = 300_000;

const killedBySIGTERM = 143;

/** One container: a program in this process, restarted as a kubelet would. */
export class ProgramContainer {
  readonly #options: ProgramContainerOptions;
  readonly #stop = new AbortController();
  #state: State = { waiting: { reason: 'ContainerCreating' } };
  #lastState: State = {};
  #startedAt = '';
  #restarts = 0;
  #timer: Timer | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: ProgramContainerOptions) {
    this.#options = options;
  }

  get status(): ContainerStatus {
    const { name, image = '' } = this.#options.container;
    const isRunning = this.#state.running !== undefined;
    return {
      name,
      image,
      imageID: this.#startedAt === '' ? '' : image,
      ready: isRunning,
      started: isRunning,
      restartCount: this.#restarts,
      state: this.#state,
      lastState: this.#lastState,
      ...(this.#startedAt !== '' && { containerID: `program://${name}-${this.#restarts}` }),
    };
  }

  start(): void {
    const { program, clock } = this.#options;
    if (program === undefined) {
      this.#failToPull();
      return;
    }
    this.#startedAt = timestamp(clock.now());
    this.#state = { running: { startedAt: this.#startedAt } };
    this.#running = this.#run(program);
  }

  /** Resolves when the program has ended and `status` says so. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    await this.#running;
    if (this.#state.terminated === undefined) this.#terminate(killedBySIGTERM, 'Error');
  }

  async #run(program: Program): Promise<void> {
    const { env, container } = this.#options;
    const { signal } = this.#stop;
    try {
      const args = (container.args ?? []).map((argument) => expand(argument, env));
      await program({ args, env, signal });
      if (!signal.aborted) this.#exited(0, 'Completed');
    } catch (error) {
      if (!signal.aborted) this.#exited(1, 'Error', messageOf(error));
    }
  }

  #exited(exitCode: number, reason: string, message?: string): void {
    this.#terminate(exitCode, reason, message);
    const { restartPolicy } = this.#options;
    const isRestarted =
      restartPolicy === 'Always' || (restartPolicy === 'OnFailure' && exitCode !== 0);
    if (isRestarted) this.#scheduleRestart();
    this.#options.changed();
  }

  #scheduleRestart(): void {
    const { clock, changed, container } = this.#options;
    const delay =
      this.#restarts === 0 ? 0 : Math.min(firstBackoff * 2 ** (this.#restarts - 1), longestBackoff);
    this.#lastState = this.#state;
    if (delay > 0) {
      const message = `back-off ${delay / 1000}s restarting failed container=${container.name}`;
      this.#state = { waiting: { reason: 'CrashLoopBackOff', message } };
    }
    this.#timer = clock.setTimeout(() => {
      this.#restarts += 1;
      this.start();
      changed();
    }, delay);
  }

  /** No image is ever pulled here, so it never gets better. */
  #failToPull(): void {
    const { clock, changed, container } = this.#options;
    const message = `failed to pull image "${container.image}": this cluster only runs the images of its own programs`;
    this.#state = { waiting: { reason: 'ErrImagePull', message } };
    this.#timer = clock.setTimeout(() => {
      const backOff = `Back-off pulling image "${container.image}"`;
      this.#state = { waiting: { reason: 'ImagePullBackOff', message: backOff } };
      changed();
    }, firstBackoff);
  }

  #terminate(exitCode: number, reason: string, message?: string): void {
    const finishedAt = timestamp(this.#options.clock.now());
    const startedAt = this.#startedAt || finishedAt;
    this.#state = {
      terminated: { exitCode, reason, startedAt, finishedAt, ...(message && { message }) },
    };
  }
}

/** `$(NAME)` as the kubelet expands it: `$$` escapes, what is unknown stays. */
function expand(argument: string, env: Readonly<Record<string, string>>): string {
  return argument.replaceAll(/\$\$|\$\((?<name>[^)]+)\)/g, (match, name: string | undefined) =>
    match === '$$' ? '$' : (env[name ?? ''] ?? match),
  );
}
