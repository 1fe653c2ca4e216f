/**
 * Stands in for Cluster API's core: creates what core creates, in its order, and reads what core reads
 * (spec of the contract, §1.3 and §1.4). And for the signer of a workload cluster that has none.
 */
import { clusterMachines, clusterNameLabel, clusters } from '#api/cluster-api/core.ts';
import type { Cluster, ClusterMachine } from '#api/cluster-api/core.ts';
import { certificateSigningRequests, pods, secrets, type Pod } from '#api/core.ts';
import {
  kubemarkMachines,
  type KubemarkMachine,
} from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { identityKey } from '#api/infrastructure/v1alpha4/labels.ts';
import type { FileObject } from '#local/objects.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound, isConflict } from '#runtime/client/errors.ts';
import { controllerReference } from '#runtime/owner-references.ts';
import { someCertificate } from './certificates.ts';
import type { Story } from './story.ts';

export const coreMachines = clusterMachines('v1beta2');
export const coreClusters = clusters('v1beta2');

export const namespace = 'default';

/** Where one cluster is both: hollow Pods are not to land on hollow nodes, which would run nothing. */
const hollow = { key: 'kubemark', value: 'true', effect: 'NoSchedule' } as const;

export class Core {
  /** Of the certificates that are signed, in milliseconds since the epoch. */
  validity = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2049, 0, 1) };
  readonly #client: Client;
  readonly #hasSigner: boolean;

  /** @param hasSigner whether its cluster signs what is approved: real control planes do */
  constructor(client: Client, { hasSigner }: { hasSigner: boolean }) {
    this.#client = client;
    this.#hasSigner = hasSigner;
  }

  async install(story: Story): Promise<void> {
    await story.cluster.apply(coreDefinitions());
    for (const kind of [coreMachines, coreClusters]) {
      await story.eventually(`${kind.plural} are served`, () => ifFound(this.#client.list(kind)));
    }
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
      spec: { kubemarkOptions: { registerWithTaints: [hollow] }, ...spec },
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

  /** Core deletes the infrastructure when the Machine is deleted; garbage collection may be faster. */
  async deleteInfrastructure(name: string): Promise<void> {
    await ifFound(this.#client.delete(kubemarkMachines, { namespace, name }));
  }

  async pods(): Promise<Pod[]> {
    return (await this.#client.list(pods, { labelSelector: identityKey })).items;
  }

  async nodeSecrets(): Promise<string[]> {
    const { items } = await this.#client.list(secrets, { labelSelector: identityKey });
    return items.map(({ metadata }) => metadata.name ?? '');
  }

  /** What a workload cluster's signer does, where there is none: signs what is approved. */
  async sign(): Promise<void> {
    if (this.#hasSigner) return;
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

/** Of the kinds of core that a provider reads. */
export function coreDefinitions(): FileObject[] {
  return [coreMachines, coreClusters].map((kind) => ({
    object: definition(kind),
    source: kind.kind,
  }));
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
