/**
 * Stands in for Cluster API's core: creates what core creates, in its order, and reads what core reads
 * (spec of the contract, §1.3 and §1.4). And for the signer of a workload cluster.
 */
import { readFile } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import {
  clusterMachines,
  clusterNameLabel,
  clusters,
  type Cluster,
  type ClusterMachine,
} from '#api/cluster-api/core.ts';
import { certificateSigningRequests, pods, secrets, type Pod } from '#api/core.ts';
import {
  kubemarkMachines,
  type KubemarkMachine,
} from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { identityKey } from '#api/infrastructure/v1alpha4/labels.ts';
import type { ManagerOptions } from '#controller/cmd/options.ts';
import type { LocalCluster } from '#local/cluster.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound, isConflict } from '#runtime/client/errors.ts';
import { controllerReference } from '#runtime/owner-references.ts';
import { newPrivateKey, publicKeyOf, signCertificate } from '#runtime/pki/client-certificate.ts';
import { startStory, type Story } from './story.ts';

export const coreMachines = clusterMachines('v1beta2');
export const coreClusters = clusters('v1beta2');

export const namespace = 'default';
export const clusterAPIControllers = [
  'kubemarkmachine',
  'kubemarkmachinetemplate',
  'kubemarkcluster',
];

export interface ClusterAPIStory {
  story: Story;
  core: Core;
}

/** A management cluster that is its own workload cluster, with core's kinds and one Cluster. */
export async function startClusterAPI(
  t: ExecutionContext,
  { manager = true }: { manager?: boolean } = {},
): Promise<ClusterAPIStory> {
  const story = await startStory(t, { manager: false });
  const core = new Core(story.client);
  await core.install(story.cluster);
  await core.createCluster('test', story.cluster.server.kubeconfig());
  if (manager) startProvider(story.cluster);
  return { story, core };
}

/** Runs a manager with the controllers for Cluster API; aborting the signal kills it. */
export function startProvider(
  cluster: LocalCluster,
  client?: Client,
  life?: AbortSignal,
  more: Partial<ManagerOptions> = {},
): void {
  const flags = { controllers: clusterAPIControllers, ...more };
  cluster.run((signal) =>
    cluster
      .createManager(client, flags)
      .run(life === undefined ? signal : AbortSignal.any([signal, life])),
  );
}

export class Core {
  /** Of the certificates that are signed, in milliseconds since the epoch. */
  validity = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2049, 0, 1) };
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  install(cluster: LocalCluster): Promise<void> {
    const objects = [coreMachines, coreClusters].map((kind) => definition(kind));
    return cluster.apply(objects.map((object) => ({ object, source: object.kind })));
  }

  /** A Cluster whose infrastructure and control plane are there. */
  async createCluster(name: string, kubeconfig: string): Promise<Cluster> {
    const cluster = await this.#client.create(coreClusters, {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'Cluster',
      metadata: { name, namespace },
      spec: {},
    });
    const status = { initialization: { infrastructureProvisioned: true } };
    await this.patchCluster(name, { status }, 'status');
    await this.#client.create(secrets, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `${name}-kubeconfig`, namespace },
      data: { value: Buffer.from(kubeconfig).toString('base64') },
    });
    return cluster;
  }

  patchCluster(name: string, patch: object, subresource?: 'status'): Promise<Cluster> {
    const options = subresource === undefined ? {} : { subresource };
    return this.#client.patch(coreClusters, { namespace, name }, patch, options);
  }

  /** A MachineSet's way: infrastructure first, then the Machine, which then makes itself the owner. */
  async createMachine(
    name: string,
    spec: KubemarkMachine['spec'] = {},
    { cluster = 'test', bootstrap = true, machine = {} } = {},
  ): Promise<void> {
    await this.createOrphan(name, spec, cluster);
    await this.adopt(name, { cluster, bootstrap, machine });
  }

  async createOrphan(name: string, spec: KubemarkMachine['spec'] = {}, cluster = 'test') {
    return this.#client.create(kubemarkMachines, {
      apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha4',
      kind: 'KubemarkMachine',
      metadata: { name, namespace, labels: { [clusterNameLabel]: cluster } },
      spec,
    });
  }

  async adopt(
    name: string,
    { cluster = 'test', bootstrap = true, machine = {} } = {},
  ): Promise<void> {
    const owner = await this.#client.create(coreMachines, {
      apiVersion: 'cluster.x-k8s.io/v1beta2',
      kind: 'Machine',
      metadata: { name, namespace, labels: { [clusterNameLabel]: cluster } },
      spec: {
        clusterName: cluster,
        bootstrap: bootstrap ? { dataSecretName: `${name}-bootstrap` } : {},
        infrastructureRef: {
          apiGroup: 'infrastructure.cluster.x-k8s.io',
          kind: 'KubemarkMachine',
          name,
        },
        version: 'v1.34.0',
        ...machine,
      },
    });
    const ownerReferences = [controllerReference(owner)];
    await this.#client.patch(
      kubemarkMachines,
      { namespace, name },
      { metadata: { ownerReferences } },
    );
  }

  patchMachine(name: string, patch: object): Promise<ClusterMachine> {
    return this.#client.patch(coreMachines, { namespace, name }, patch);
  }

  infrastructure(name: string): Promise<KubemarkMachine | undefined> {
    return ifFound(this.#client.get(kubemarkMachines, { namespace, name }));
  }

  /** Core deletes the infrastructure when the Machine is deleted. */
  async deleteInfrastructure(name: string): Promise<void> {
    await this.#client.delete(kubemarkMachines, { namespace, name });
  }

  async pods(): Promise<Pod[]> {
    return (await this.#client.list(pods, { labelSelector: identityKey })).items;
  }

  async nodeSecrets(): Promise<string[]> {
    const { items } = await this.#client.list(secrets, { labelSelector: identityKey });
    return items.map(({ metadata }) => metadata.name ?? '');
  }

  /** What a workload cluster's signer does: signs what is approved. */
  async sign(): Promise<void> {
    const { items } = await this.#client.list(certificateSigningRequests);
    for (const { metadata, status } of items) {
      const isApproved = status?.conditions?.some(({ type }) => type === 'Approved');
      if (!isApproved || status?.certificate) continue;
      const certificate = Buffer.from(await someCertificate(this.validity)).toString('base64');
      const key = { namespace: '', name: metadata.name ?? '' };
      await this.#client
        .patch(
          certificateSigningRequests,
          key,
          { status: { certificate } },
          { subresource: 'status' },
        )
        .catch((error: unknown) => {
          if (!isConflict(error)) throw error;
        });
    }
  }
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

/** The embedded API server asks nobody who they are. */
export async function someCertificate({ from, to }: Core['validity']): Promise<string> {
  const subject = { commonName: 'system:node:any', organization: 'system:nodes' };
  return signCertificate(subject, publicKeyOf(newPrivateKey()), await authority(), { from, to });
}

/** What core's Secret of a cluster's CA holds. */
export async function authorityData(): Promise<Record<string, string>> {
  const { certificate, key } = await authority();
  return {
    'tls.crt': Buffer.from(certificate).toString('base64'),
    'tls.key': Buffer.from(key).toString('base64'),
  };
}

async function authority(): Promise<{ certificate: string; key: string }> {
  const folder = new URL('../../controller/runtime/pki/testdata/', import.meta.url);
  const certificate = await readFile(new URL('ec.pem', folder), 'utf8');
  const key = await readFile(new URL('ec.key.pem', folder), 'utf8');
  return { certificate, key };
}

function definition(kind: { kind: string; plural: string; group: string }) {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${kind.group}` },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.kind.toLowerCase(),
      },
      scope: 'Namespaced',
      versions: ['v1beta2', 'v1beta1'].map((name) => ({
        name,
        served: true,
        storage: name === 'v1beta2',
        schema: {
          openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } },
        },
        subresources: { status: {} },
      })),
    },
  };
}
