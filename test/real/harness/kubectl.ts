import { execFile, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { ExecutionContext } from 'ava';

export interface Outcome {
  /** What it printed, errors after the rest. */
  output: string;
  code: number;
}

/** Also a `Cluster`. */
export interface Target {
  folder: string;
  controlPlane: { kubeconfig: string };
}

/** The real kubectl with its default flags. */
export class Kubectl {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #namespace: string | undefined;

  /** @param namespace without one, files and flags say */
  constructor({ folder, controlPlane }: Target, namespace?: string) {
    this.#environment = { ...process.env, HOME: folder, KUBECONFIG: controlPlane.kubeconfig };
    this.#namespace = namespace;
  }

  /**
   * Resolves to what a command printed, with its exit code.
   *
   * @throws Error when there is no kubectl
   */
  try(...args: string[]): Promise<Outcome> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    const options = { env: this.#environment, timeout: 200_000 };
    execFile('kubectl', this.#inNamespace(args), options, (error, stdout, stderr) => {
      const { code = 0 } = error ?? {};
      if (code === 'ENOENT') reject(new Error('there is no kubectl in PATH: install it'));
      else resolve({ output: stdout + stderr, code: Number(code) });
    });
    return promise;
  }

  /**
   * Resolves to what a command printed.
   *
   * @throws Error when it fails
   */
  async run(...args: string[]): Promise<string> {
    const { output, code } = await this.try(...args);
    if (code === 0) return output;
    throw new Error(`kubectl ${args.join(' ')} ends with ${code}:\n${output}`);
  }

  /** Collects the lines of a command that goes on until the test ends. */
  follow(t: ExecutionContext, ...args: string[]): readonly string[] {
    const child = spawn('kubectl', this.#inNamespace(args), { env: this.#environment });
    t.teardown(() => child.kill());
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    return lines;
  }

  #inNamespace(args: readonly string[]): string[] {
    return this.#namespace === undefined ? [...args] : [`--namespace=${this.#namespace}`, ...args];
  }
}
