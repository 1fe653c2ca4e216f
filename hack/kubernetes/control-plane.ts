import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Clock } from '#runtime/clock.ts';
import type { ControlPlaneProgram } from './binaries/programs.ts';
import { argumentsOf, parseVersion, type ComponentOptions, type Files } from './components.ts';
import { kubeconfig, newSigningKey, newTokens, tokenFile, type Tokens } from './credentials.ts';
import { isNotFoundFile } from './files.ts';
import { freePorts } from './ports.ts';
import { isRunning, startProcess, stopProcesses } from './processes.ts';
import { removeState, writeState, type State } from './state.ts';

export interface ControlPlaneOptions {
  /** Where the programs are. */
  binaries: string;
  /** Its own folder: empty, and gone after `stopControlPlane`. */
  folder: string;
  /** With controller manager and scheduler. */
  isFull: boolean;
  /** Of the API server; 0: any free one. */
  port: number;
  clock: Clock;
  signal: AbortSignal;
}

/** How long programs may take to be ready, on a machine with other work. */
const patience = 60_000;

/** A program did not get ready; `message` ends with what it logged last. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/**
 * Starts a control plane that goes on when this process ends, and waits until it is ready: with
 * `isFull`, until Pods can be created in the default namespace. After a failure nothing is left.
 *
 * @throws StartError
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<State> {
  const { binaries, folder, isFull, port, clock, signal } = options;
  const ports = await freePorts({ apiServer: port });
  const state: State = {
    folder,
    binaries,
    isFull,
    url: `https://127.0.0.1:${ports.apiServer}`,
    kubeconfig: join(folder, 'kubeconfig'),
    isReady: false,
    processes: [],
  };
  const files = filesIn(folder);
  const tokens = newTokens();
  const starter = new Starter({ state, clock, signal });
  try {
    await writeState(state);
    await writeFiles(files, tokens);
    const version = parseVersion(await versionOf(join(binaries, 'kube-apiserver')));
    const components: ComponentOptions = { ports, files, isFull, version };
    await starter.start('etcd', components);
    await starter.start('kube-apiserver', components);
    const authority = await starter.waitFor('a certificate', () =>
      readIfFound(join(files.certificates, 'apiserver.crt')),
    );
    await writeKubeconfigs({ state, files, tokens, authority });
    const server = { url: state.url, token: tokens.admin, authority };
    await starter.waitFor('the API server', () => isAnswered(server, '/readyz'));
    if (isFull) {
      // Not before: they would take processor time from the API server, and then poll for it.
      await starter.start('kube-controller-manager', components);
      await starter.start('kube-scheduler', components);
      await starter.waitFor('the controller manager', () => isAnswered(server, serviceAccount));
    }
    state.isReady = true;
    await writeState(state);
    return state;
  } catch (error) {
    await stopControlPlane(state, clock);
    throw error;
  }
}

/** Made by the controller manager; without it no Pod is admitted. */
const serviceAccount = '/api/v1/namespaces/default/serviceaccounts/default';

/** Ends its processes and removes its folder. */
export async function stopControlPlane(state: State, clock: Clock): Promise<void> {
  await stopProcesses(state.processes, clock);
  await removeState(state);
}

/** Whether all its processes run. */
export async function isAlive(state: State): Promise<boolean> {
  const answers = await Promise.all(state.processes.map(isRunning));
  return answers.every(Boolean);
}

function filesIn(folder: string): Files {
  return {
    etcdData: join(folder, 'etcd'),
    certificates: join(folder, 'certificates'),
    serviceAccountKey: join(folder, 'service-account.key'),
    tokens: join(folder, 'tokens.csv'),
    controllerManagerKubeconfig: join(folder, 'controller-manager.kubeconfig'),
    schedulerKubeconfig: join(folder, 'scheduler.kubeconfig'),
  };
}

async function writeFiles(files: Files, tokens: Tokens): Promise<void> {
  await mkdir(files.certificates);
  await writePrivate(files.serviceAccountKey, newSigningKey());
  await writePrivate(files.tokens, tokenFile(tokens));
}

interface Kubeconfigs {
  state: State;
  files: Files;
  tokens: Tokens;
  authority: string;
}

async function writeKubeconfigs({ state, files, tokens, authority }: Kubeconfigs): Promise<void> {
  const write = (path: string, token: string): Promise<void> =>
    writePrivate(path, kubeconfig({ url: state.url, token, authority }));
  await write(state.kubeconfig, tokens.admin);
  await write(files.controllerManagerKubeconfig, tokens.controllerManager);
  await write(files.schedulerKubeconfig, tokens.scheduler);
}

function writePrivate(path: string, text: string): Promise<void> {
  return writeFile(path, text, { mode: 0o600 });
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  return stdout;
}

class Starter {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #deadline: number;

  constructor({ state, clock, signal }: { state: State; clock: Clock; signal: AbortSignal }) {
    this.#state = state;
    this.#clock = clock;
    this.#signal = signal;
    this.#deadline = clock.monotonic() + patience;
  }

  async start(program: ControlPlaneProgram, components: ComponentOptions): Promise<void> {
    this.#signal.throwIfAborted();
    const { folder, binaries, processes } = this.#state;
    const started = await startProcess({
      name: program,
      file: join(binaries, program),
      args: argumentsOf(program, components),
      log: this.#logOf(program),
      mark: folder,
    });
    processes.push(started);
    await writeState(this.#state); // whatever happens now, `stop` finds it
  }

  /** Asks until there is an answer. */
  async waitFor<Answer>(what: string, ask: () => Promise<Answer | undefined>): Promise<Answer> {
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      for (const process of this.#state.processes) {
        if (!(await isRunning(process))) throw await this.#failure(process.name, 'has ended');
      }
      if (this.#clock.monotonic() > this.#deadline) {
        throw await this.#failure('kube-apiserver', `: no sign of ${what} in ${patience / 1000} s`);
      }
      await this.#clock.sleep(50, this.#signal);
    }
  }

  async #failure(program: string, what: string): Promise<StartError> {
    const log = (await readIfFound(this.#logOf(program))) ?? '';
    const last = log.trimEnd().split('\n').slice(-10).join('\n  ');
    return new StartError(`${program} ${what}. Its last words:\n  ${last}`);
  }

  #logOf(program: string): string {
    return join(this.#state.folder, `${program}.log`);
  }
}

/** The content, or undefined while there is none. */
async function readIfFound(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')) || undefined;
  } catch (error) {
    if (isNotFoundFile(error)) return undefined;
    throw error;
  }
}

interface Asked {
  url: string;
  token: string;
  authority: string;
}

function isAnswered({ url, token, authority }: Asked, path: string): Promise<true | undefined> {
  const { promise, resolve } = Promise.withResolvers<true | undefined>();
  const asked = request(new URL(path, url), {
    ca: authority,
    headers: { authorization: `Bearer ${token}` },
    agent: false,
    timeout: 5_000,
  });
  asked.once('response', (response) => {
    response.resume();
    resolve(response.statusCode === 200 ? true : undefined);
  });
  asked.once('timeout', () => asked.destroy());
  asked.once('error', () => resolve(undefined)); // not yet
  asked.end();
  return promise;
}
