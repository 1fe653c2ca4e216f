/** The informers that controllers share, and what they keep of each object. */
import {
  clusterMachines,
  clusters,
  watchFilterLabel,
  type ClusterAPIVersion,
} from '#api/cluster-api/core.ts';
import { nodes, pods, type Node, type NodeCondition } from '#api/core.ts';
import { kubemarkClusters } from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { kubemarkMachineTemplates } from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { identityKey } from '#api/infrastructure/v1alpha4/labels.ts';
import type { Kind } from '#api/kind.ts';
import { machineUIDLabel } from '#api/machine/v1beta1/labels.ts';
import type { MachineDeployment } from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineHealthCheck } from '#api/machine/v1beta1/machine-health-check.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { KubernetesObject, ObjectMeta } from '#api/meta.ts';
import { Informer, type InformerOptions } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { ManagedInformer } from '#runtime/manager.ts';
import { withShallowConfiguration } from './shallow.ts';

export interface InformersOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  /** Where hollow-node Pods live. */
  podNamespace: string;
  /** Only Machines, and what makes them, of this namespace; empty: of all. */
  namespace: string;
  clusterAPIVersion: ClusterAPIVersion;
  /** Only objects of the provider for Cluster API with this value of the label; empty: all. */
  watchFilter: string;
  /** Milliseconds after which each of those is looked at again. */
  resyncPeriod: number;
}

/** One informer per kind, made when the first controller asks for it and shared by all. */
export class Informers {
  readonly #options: InformersOptions;
  readonly #used: ManagedInformer[] = [];

  readonly machines = oncePerKind((kind: Kind<Machine>) =>
    this.#make(kind, { ...this.#wanted(), transform: lean }),
  );
  readonly machineSets = oncePerKind((kind: Kind<MachineSet>) =>
    this.#make(kind, { ...this.#wanted(), transform: leanTemplate }),
  );
  readonly machineDeployments = oncePerKind((kind: Kind<MachineDeployment>) =>
    this.#make(kind, { ...this.#wanted(), transform: leanTemplate }),
  );
  readonly machineHealthChecks = oncePerKind((kind: Kind<MachineHealthCheck>) =>
    this.#make(kind, { ...this.#wanted(), transform: withoutManagedFields }),
  );
  /** Hollow-node Pods. */
  readonly pods = once(() => {
    const { podNamespace: namespace } = this.#options;
    const labelSelector = machineUIDLabel;
    return this.#make(pods, { namespace, labelSelector, transform: withoutManagedFields });
  });
  readonly nodes = once(() => this.#make(nodes, { transform: nodeEssence }));

  readonly kubemarkMachines = once(() => this.#makeFiltered(kubemarkMachines));
  readonly kubemarkMachineTemplates = once(() => this.#makeFiltered(kubemarkMachineTemplates));
  readonly kubemarkClusters = once(() => this.#makeFiltered(kubemarkClusters));
  /** Core's Machines; another kind than `machines`. */
  readonly clusterMachines = once(() =>
    this.#makeWanted(clusterMachines(this.#options.clusterAPIVersion)),
  );
  readonly clusters = once(() => this.#makeWanted(clusters(this.#options.clusterAPIVersion)));
  /** Hollow-node Pods of KubemarkMachines, which live beside them. */
  readonly clusterPods = once(() => {
    const { namespace } = this.#wanted();
    const labelSelector = identityKey;
    return this.#make(pods, {
      ...(namespace !== undefined && { namespace }),
      labelSelector,
      transform: withoutManagedFields,
    });
  });

  constructor(options: InformersOptions) {
    this.#options = options;
  }

  /** Those that have been asked for. */
  get used(): readonly ManagedInformer[] {
    return this.#used;
  }

  /** For what users ask for. */
  #wanted(): { namespace?: string; resyncPeriod: number } {
    const { namespace, resyncPeriod } = this.#options;
    return { resyncPeriod, ...(namespace !== '' && { namespace }) };
  }

  #makeWanted<T extends KubernetesObject>(kind: Kind<T>): Informer<T> {
    return this.#make(kind, { ...this.#wanted(), transform: withoutManagedFields });
  }

  #makeFiltered<T extends KubernetesObject>(kind: Kind<T>): Informer<T> {
    const { watchFilter } = this.#options;
    return this.#make(kind, {
      ...this.#wanted(),
      transform: withoutManagedFields,
      ...(watchFilter !== '' && { labelSelector: `${watchFilterLabel}=${watchFilter}` }),
    });
  }

  #make<T extends KubernetesObject>(kind: Kind<T>, more: Partial<InformerOptions<T>>): Informer<T> {
    const { client, clock, log } = this.#options;
    const informer = new Informer({ client, clock, log, kind, ...more });
    this.#used.push(informer);
    return informer;
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function oncePerKind<K extends Kind, T>(make: (kind: K) => T): (kind: K) => T {
  const made = new Map<K, T>();
  return (kind) => {
    const existing = made.get(kind) ?? make(kind);
    made.set(kind, existing);
    return existing;
  };
}

function lean(machine: Machine): Machine {
  const { spec, ...rest } = withoutManagedFields(machine);
  return { ...rest, ...(spec && { spec: withShallowConfiguration(spec) }) };
}

function leanTemplate<T extends MachineSet | MachineDeployment>(object: T): T {
  const { spec } = object;
  if (spec?.template?.spec === undefined) return withoutManagedFields(object);
  const template = { ...spec.template, spec: withShallowConfiguration(spec.template.spec) };
  return { ...withoutManagedFields(object), spec: { ...spec, template } };
}

/** Half of an object, and nobody here reads it. */
function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata }: ObjectMeta & { managedFields?: unknown } =
    object.metadata;
  return { ...object, metadata };
}

/**
 * What controllers read of a Node: not its images, of which it has dozens, and not the times of its
 * heartbeats, so that one changes nothing. Clusters have thousands, and most belong to no Machine.
 */
function nodeEssence(node: Node): Node {
  const { apiVersion, kind, metadata } = withoutManagedFields(node);
  const { providerID, taints, unschedulable } = node.spec ?? {};
  const { addresses, conditions } = node.status ?? {};
  return {
    apiVersion,
    kind,
    metadata,
    spec: {
      ...(providerID !== undefined && { providerID }),
      ...(taints !== undefined && { taints }),
      ...(unschedulable !== undefined && { unschedulable }),
    },
    status: {
      ...(addresses !== undefined && { addresses }),
      ...(conditions !== undefined && { conditions: conditions.map(withoutHeartbeat) }),
    },
  };
}

function withoutHeartbeat(condition: NodeCondition): NodeCondition {
  const { lastHeartbeatTime: _, ...rest } = condition;
  return rest;
}
