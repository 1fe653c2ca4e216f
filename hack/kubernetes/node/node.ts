import { copyFile, mkdir, readdir, rmdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isNotFoundFile } from '../files.ts';
import { run } from '../run.ts';
import { containerdSocket, nodeFiles, pauseImage } from './configuration.ts';
import type { NodeNetwork } from './network.ts';
import { exists, installPackages, missingPackages, NodeError, scriptFile } from './packages.ts';

/** What a node needs from Debian, and where it is then. */
const packages: Readonly<Record<string, string>> = {
  containerd: '/usr/bin/containerd',
  runc: '/usr/sbin/runc',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  iptables: '/usr/sbin/iptables',
  conntrack: '/usr/sbin/conntrack',
  iproute2: '/usr/sbin/ip',
};

/** Folders that the node sees empty: it would not find its own there. */
const hidden = ['/run/', '/var/lib/', '/var/log/'];

export interface NodePreparation {
  /** Where the pause image is kept from one time to the next. */
  cache: string;
  /** The control planes' folders will be in this one. */
  parent: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

/**
 * Sees to it that this machine can have a node: installs what is missing.
 *
 * @throws NodeError
 */
export async function prepareNode({ cache, parent, say, signal }: NodePreparation): Promise<void> {
  if (process.platform !== 'linux') throw new NodeError('a node needs Linux');
  if (process.getuid?.() !== 0) throw new NodeError('a node needs root: its Pods are containers');
  if (hidden.some((folder) => parent.startsWith(folder))) {
    throw new NodeError(`${parent} is in a folder that the node sees empty: set XDG_STATE_HOME`);
  }
  const onLine = (line: string): void => say(`  ${line}`);
  const missing = await missingPackages(packages);
  if (missing.length > 0) await installPackages(missing, { say, signal });
  const archive = pauseArchive(cache);
  if (await exists(archive)) return;
  await mkdir(dirname(archive), { recursive: true });
  await run('sh', [scriptFile('pause.sh'), archive, pauseImage], { signal, onLine });
}

export interface NodeStart {
  folder: string;
  binaries: string;
  network: NodeNetwork;
  cache: string;
}

/** Writes what the node reads; returns the command that is the node. */
export async function writeNode(start: NodeStart): Promise<{ file: string; args: string[] }> {
  const { folder, cache } = start;
  await copyFile(pauseArchive(cache), join(folder, 'pause.tar'));
  await mkdir(join(folder, 'cni'));
  for (const [name, text] of Object.entries(nodeFiles({ ...start, cgroup: cgroupOf(folder) }))) {
    await writeFile(join(folder, name), text);
  }
  return { file: '/bin/bash', args: [scriptFile('node.sh'), folder] };
}

/** Gives the node of a control plane the images of an archive. */
export async function importImage(
  { folder }: { folder: string },
  archive: string,
  signal: AbortSignal,
): Promise<void> {
  const client = ['--address', containerdSocket(folder), '--namespace', 'k8s.io'];
  await run('ctr', [...client, 'images', 'import', archive], { signal });
}

/** Removes the cgroups of a node that has ended: all that outlives it. */
export async function removeCgroups(folder: string): Promise<void> {
  const root = '/sys/fs/cgroup';
  const hierarchies = ['', ...(await foldersIn(root))];
  for (const hierarchy of hierarchies) await removeTree(join(root, hierarchy, cgroupOf(folder)));
}

function cgroupOf(folder: string): string {
  return `kubemark-${basename(folder)}`;
}

/** A cgroup's files go with it, its children do not. */
async function removeTree(folder: string): Promise<void> {
  for (const child of await foldersIn(folder)) await removeTree(join(folder, child));
  await rmdir(folder).catch((error: unknown) => {
    if (!isNotFoundFile(error)) throw error;
  });
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isNotFoundFile(error)) return [];
    throw error;
  });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function pauseArchive(cache: string): string {
  return join(cache, 'node', 'pause.tar');
}
