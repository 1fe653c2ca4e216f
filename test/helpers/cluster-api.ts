/** A management cluster for stories about the provider of Cluster API. */
import type { ExecutionContext } from 'ava';
import type { ClusterAPIVersion } from '#api/cluster-api/core.ts';
import type { KubemarkMachine } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { clusterAPIControllerNames } from '#controller/cmd/controller-names.ts';
import type { ManagerOptions } from '#controller/cmd/options.ts';
import type { LocalCluster } from '#local/cluster.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Manager } from '#runtime/manager.ts';
import { isReal } from './backend.ts';
import { Core } from './cluster-api-core.ts';
import { startStory, type Story } from './story.ts';

export interface ClusterAPIStory {
  story: Story;
  core: Core;
}

/** As its requests say; on a real control plane it has the rights of an installation. */
export const provider = 'infrastructure-manager';

/** A management cluster that is its own workload cluster, with core's kinds and one Cluster. */
export async function startClusterAPI(
  t: ExecutionContext,
  { manager = true }: { manager?: boolean } = {},
): Promise<ClusterAPIStory> {
  const story = await startStory(t, { manager: false });
  const core = new Core(story.client, { hasSigner: isReal });
  await core.install(story);
  await core.createCluster('test', story.cluster.server.kubeconfig());
  if (manager) startProvider(story.cluster);
  return { story, core };
}

/** A management cluster of a core that speaks this contract. */
export async function startCore(
  t: ExecutionContext,
  contract: ClusterAPIVersion,
): Promise<ClusterAPIStory> {
  const all = await startClusterAPI(t, { manager: false });
  const infrastructureReady = { initialization: null, infrastructureReady: true };
  if (contract === 'v1beta1') {
    await all.core.patchCluster('test', { status: infrastructureReady }, 'status');
  }
  startProvider(all.story.cluster, { flags: { 'cluster-api-version': contract } });
  return all;
}

export interface ProviderOptions {
  client?: Client;
  /** Kills it when it aborts. */
  life?: AbortSignal;
  flags?: Partial<ManagerOptions>;
}

/** Runs a manager with the controllers for Cluster API until the cluster stops; returns at once. */
export function startProvider(cluster: LocalCluster, options: ProviderOptions = {}): void {
  cluster.run((stop) => {
    const { life, ...rest } = options;
    const signal = life === undefined ? stop : AbortSignal.any([stop, life]);
    return newProvider(cluster, rest).run(signal);
  });
}

/** Not started. */
export function newProvider(
  cluster: LocalCluster,
  { client = cluster.newClient(provider), flags = {} }: Omit<ProviderOptions, 'life'> = {},
): Manager {
  return cluster.createManager(client, { controllers: clusterAPIControllerNames, ...flags });
}

/** Lets time pass and certificates be signed until the machine's Ready condition has this reason. */
export async function machineWithReason(
  { story, core }: ClusterAPIStory,
  name: string,
  reason: string,
): Promise<KubemarkMachine> {
  return story.eventually(`${name} is ${reason}`, async () => {
    await core.sign();
    await story.clock.advance(400);
    const machine = await core.infrastructure(name);
    return readyOf(machine)?.reason === reason && machine;
  });
}

export function readyOf(machine: KubemarkMachine | undefined) {
  return machine?.status?.conditions?.find(({ type }) => type === 'Ready');
}
