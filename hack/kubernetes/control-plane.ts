import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Node } from '#api/core.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Authority } from '#runtime/pki/client-certificate.ts';
import { answerOf } from './ask.ts';
import {
  loopback,
  parseVersion,
  type ComponentOptions,
  type Files,
  type MoreArguments,
  type Ports,
} from './components.ts';
import {
  kubeconfig,
  newClientAuthority,
  newSigningKey,
  newTokens,
  tokenFile,
  type Access,
  type Tokens,
} from './credentials.ts';
import { readIfFound } from './files.ts';
import { nodeName } from './node/configuration.ts';
import { freeNetwork, type NodeNetwork } from './node/network.ts';
import { removeCgroups, writeNode } from './node/node.ts';
import { freePorts } from './ports.ts';
import { isRunning, stopProcesses } from './processes.ts';
import { StartError, Starter } from './starter.ts';
import { newFolder, removeState, writeState, type State } from './state.ts';

export interface ControlPlaneOptions {
  /** Where the programs are. */
  binaries: string;
  /** The control plane gets a folder of its own in this one. */
  parent: string;
  /** With controller manager and scheduler. */
  isFull: boolean;
  /** Of the API server; 0: any free one. */
  port: number;
  /** With a real node, which wants `isFull`: where `prepareNode` has left its image. */
  node?: { cache: string };
  more?: MoreArguments;
  clock: Clock;
  signal: AbortSignal;
}

/** How long programs may take to be ready, on a machine with other work. */
const patience = 60_000;

/** Somebody may take a free port before the program it was meant for does. */
const mostAttempts = 3;

/**
 * Starts a control plane that goes on when this process ends, and waits until it is ready: with
 * `isFull`, until Pods can be created in the default namespace; with `node`, until they run. After a failure nothing is left.
 *
 * @throws PortError
 * @throws StartError
 */
export async function startControlPlane(options: ControlPlaneOptions): Promise<State> {
  for (let attempt = 1; ; attempt += 1) {
    const ports = await freePorts({ apiServer: options.port });
    try {
      return await startOn(ports, options);
    } catch (error) {
      const isTaken = error instanceof StartError && error.message.includes(addressInUse);
      if (!isTaken || attempt === mostAttempts) throw error;
    }
  }
}

/** As etcd and the API server log it. */
const addressInUse = 'address already in use';

async function startOn(ports: Ports, options: ControlPlaneOptions): Promise<State> {
  const { binaries, isFull, more, clock, node } = options;
  const network = node && freeNetwork();
  const address = network?.machineAddress ?? loopback;
  const version = parseVersion(await versionOf(join(binaries, 'kube-apiserver')));
  const folder = await newFolder(options.parent);
  const state: State = {
    folder,
    binaries,
    isFull,
    url: `https://${address}:${ports.apiServer}`,
    etcd: `http://127.0.0.1:${ports.etcdClient}`,
    kubeconfig: join(folder, 'kubeconfig'),
    isReady: false,
    ...(node && { hasNode: true }),
    processes: [],
  };
  try {
    await writeState(state);
    const files = filesIn(folder);
    const components = { address, ports, files, isFull, version, ...(more && { more }) };
    await startPrograms({ state, components, ...(network && { network }) }, options);
    return state;
  } catch (error) {
    await stopControlPlane(state, clock);
    throw error;
  }
}

interface Plan {
  state: State;
  components: ComponentOptions;
  /** Of the node, if there shall be one. */
  network?: NodeNetwork;
}

async function startPrograms(
  { state, components, network }: Plan,
  { clock, signal, node }: ControlPlaneOptions,
): Promise<void> {
  const { files, isFull } = components;
  const tokens = newTokens();
  const starter = new Starter({ state, components, clock, signal, patience });
  await writeFiles(files, tokens, clock);
  if (network && node) {
    const { folder, binaries } = state;
    await starter.run('node', await writeNode({ folder, binaries, network, cache: node.cache }));
    await starter.waitFor('network of the node', async () => hasAddress(network.machineAddress));
  }
  await starter.start('etcd');
  await starter.start('kube-apiserver');
  const authority = await starter.waitFor('a certificate', () => readIfFound(files.authority));
  await writeKubeconfigs({ state, files, tokens, authority });
  const server = { url: state.url, token: tokens.admin, authority };
  await starter.waitFor('the API server', () => answerOf(server, '/readyz'));
  if (isFull) {
    // Not before: they would take processor time from the API server, and then poll for it.
    await starter.start('kube-controller-manager');
    await starter.start('kube-scheduler');
    await starter.waitFor('the controller manager', () => answerOf(server, serviceAccount));
  }
  if (network) {
    await writeNodeKubeconfig(state, server);
    await starter.waitFor('Ready node', async () =>
      isReadyNode(await answerOf(server, `/api/v1/nodes/${nodeName}`)),
    );
  }
  state.isReady = true;
  await writeState(state);
}

/** Made by the controller manager; without it no Pod is admitted. */
const serviceAccount = '/api/v1/namespaces/default/serviceaccounts/default';

/** Ends its processes and removes its folder. */
export async function stopControlPlane(state: State, clock: Clock): Promise<void> {
  await stopProcesses(state.processes, clock);
  if (state.hasNode === true) await removeCgroups(state.folder);
  await removeState(state);
}

/** Who signs what its clients show. */
export async function clientAuthorityOf({ folder }: State): Promise<Authority> {
  const { clientAuthority, clientAuthorityKey } = filesIn(folder);
  const certificate = await readFile(clientAuthority, 'utf8');
  return { certificate, key: await readFile(clientAuthorityKey, 'utf8') };
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
    authority: join(folder, 'certificates', 'apiserver.crt'),
    clientAuthority: join(folder, 'client-ca.crt'),
    clientAuthorityKey: join(folder, 'client-ca.key'),
    serviceAccountKey: join(folder, 'service-account.key'),
    tokens: join(folder, 'tokens.csv'),
    controllerManagerKubeconfig: join(folder, 'controller-manager.kubeconfig'),
    schedulerKubeconfig: join(folder, 'scheduler.kubeconfig'),
  };
}

async function writeFiles(files: Files, tokens: Tokens, clock: Clock): Promise<void> {
  await mkdir(files.certificates);
  const { certificate, key } = newClientAuthority(clock.now());
  await writePrivate(files.clientAuthority, certificate);
  await writePrivate(files.clientAuthorityKey, key);
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

/** The kubelet starts when it appears, so it appears whole. */
async function writeNodeKubeconfig({ folder }: State, access: Access): Promise<void> {
  const path = join(folder, 'node.kubeconfig');
  await writePrivate(`${path}.new`, kubeconfig(access));
  await rename(`${path}.new`, path);
}

function hasAddress(wanted: string): true | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.some(({ address }) => address === wanted) || undefined;
}

function isReadyNode(answer: string | undefined): true | undefined {
  if (answer === undefined) return undefined;
  const { status }: Node = JSON.parse(answer);
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' || undefined;
}

function writePrivate(path: string, text: string): Promise<void> {
  return writeFile(path, text, { mode: 0o600 });
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(program, ['--version']);
  return stdout;
}
