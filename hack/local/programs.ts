/** The programs that the cluster's one real node can run, by image. */
import {
  hollowNodeOptions,
  kubemark,
  withFaults,
  type HollowNodeOptions,
} from '#hollow-node/options.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { whenAborted } from '#runtime/abort.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { FlagError, parseFlags } from '#runtime/flags.ts';
import type { Logger } from '#runtime/log.ts';

/** What a container is started with. */
export interface ProgramContext {
  args: string[];
  env: Readonly<Record<string, string>>;
  /** The program must end, at once, when this aborts. */
  signal: AbortSignal;
}

/** Resolves when the program ends well (exit code 0), rejects when it does not. */
export type Program = (context: ProgramContext) => Promise<void>;

/** The image of this project's hollow node; `localhost/` images are never pulled. */
export const hollowNodeImage = 'localhost/kubemark-hollow-node';

/**
 * Images that the hollow node stands in for: it speaks the command line of the patched kubemark that
 * the original's users name in their machines.
 */
const hollowNodeRepositories = new Set([
  hollowNodeImage,
  'gofed/kubemark',
  'docker.io/gofed/kubemark',
]);

export interface RunningHollowNode {
  /** Monotonic time. */
  startedAt: number;
  options: HollowNodeOptions;
}

export interface ProgramsOptions {
  client: Client;
  clock: Clock;
  log: Logger;
}

export class Programs {
  /** The hollow nodes that run in this process, by the name of their Node. */
  readonly hollowNodes = new Map<string, RunningHollowNode>();
  readonly #options: ProgramsOptions;

  constructor(options: ProgramsOptions) {
    this.#options = options;
  }

  /** `undefined`: nothing is known under this image. */
  find(image: string): Program | undefined {
    const repository = image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
    return hollowNodeRepositories.has(repository) ? this.#runKubemark : undefined;
  }

  readonly #runKubemark: Program = async ({ args, env, signal }) => {
    const { client, clock, log } = this.#options;
    const startedAt = clock.monotonic();
    const flags = parseFlags(kubemark, args);
    if (flags === 'help') return;
    if (flags.morph === 'proxy') return whenAborted(signal);
    if (flags.morph !== 'kubelet') throw new FlagError(`Unknown morph: ${flags.morph}`);
    const options = await withFaults(hollowNodeOptions(flags), flags);
    const running = { startedAt, options };
    this.hollowNodes.set(options.name, running);
    const address = env['POD_IP'] ?? '127.0.0.1';
    await runHollowNode({ options, client, clock, log, signal, address, origin: startedAt });
  };
}
