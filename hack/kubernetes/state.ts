import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isNotFoundFile } from './files.ts';
import type { BackgroundProcess } from './processes.ts';

/** What is known of a control plane, in `state.json` in its folder; grows while it starts. */
export interface State {
  folder: string;
  /** Where the programs are. */
  binaries: string;
  isFull: boolean;
  url: string;
  /** The address of its etcd. */
  etcd: string;
  kubeconfig: string;
  isReady: boolean;
  hasNode?: true;
  processes: BackgroundProcess[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder that has a folder for each control plane (XDG base directories). */
export function stateFolder(environment: Environment): string {
  const base = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(base, 'cluster-api-provider-kubemark', 'control-planes');
}

/** A new, empty folder that only this user can read. */
export async function newFolder(parent: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  return mkdtemp(join(parent, 'cp-'));
}

/** Whoever reads it sees the old state or the new one. */
export async function writeState(state: State): Promise<void> {
  const path = join(state.folder, 'state.json');
  await writeFile(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

/** The control planes in `parent`, also those that no longer run. */
export async function readStates(parent: string): Promise<State[]> {
  const names = await readdir(parent).catch((error: unknown) => {
    if (isNotFoundFile(error)) return [];
    throw error;
  });
  const states = await Promise.all(names.map((name) => readState(join(parent, name))));
  return states.filter((state) => state !== undefined);
}

async function readState(folder: string): Promise<State | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, 'state.json'), 'utf8'));
  } catch (error) {
    if (isNotFoundFile(error)) return undefined; // is about to start, or to be removed
    throw error;
  }
}

export async function removeState({ folder }: State): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** More than one control plane could be meant, or none is there. */
export class ChoiceError extends Error {
  override readonly name = 'ChoiceError';
}

/**
 * The control plane in `parent` that somebody with this `KUBECONFIG` means: its own, or, where that is
 * a kubeconfig of something else, the only one.
 *
 * @throws ChoiceError
 */
export function chooseState(
  states: readonly State[],
  parent: string,
  kubeconfig: string | undefined,
): State {
  const folder = kubeconfig && resolve(dirname(kubeconfig));
  const named = states.find((state) => state.folder === folder);
  if (named !== undefined) return named;
  // Not another one in its place: that may be somebody else's.
  if (folder && dirname(folder) === parent) {
    throw new ChoiceError(`the control plane of ${kubeconfig} is gone`);
  }
  const [only, ...others] = states;
  if (only === undefined) throw new ChoiceError('there is no control plane');
  if (others.length === 0) return only;
  throw new ChoiceError(
    [
      `there are ${states.length} control planes: say which by KUBECONFIG, or --all to stop`,
      ...states.map((state) => state.kubeconfig),
    ].join('\n  '),
  );
}
