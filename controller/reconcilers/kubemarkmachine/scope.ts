import type { Cluster, ClusterMachine } from '#api/cluster-api/core.ts';
import { clusterAPIGroup, clusterNameLabel } from '#api/cluster-api/core.ts';
import type { Pod } from '#api/core.ts';
import type { KubemarkMachine } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { identityKey } from '#api/infrastructure/v1alpha4/labels.ts';
import { clusterNodeName } from '#controller/hollow-pod/names.ts';
import type { ImageOptions } from '#controller/hollow-pod/cluster-node.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import type { Draft } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { RemoteClusters } from './remote-clusters.ts';

export interface KubemarkMachineOptions extends ImageOptions {
  /** Whether a machine may name a Secret of another namespace. */
  allowForeignSecrets: boolean;
}

/** What the outside world provides. */
export interface Deps {
  readonly client: Client;
  readonly kubemarkMachines: Cache<KubemarkMachine>;
  readonly machines: Store<ClusterMachine>;
  readonly clusters: Store<Cluster>;
  /** Hollow-node Pods of the management cluster. */
  readonly pods: Cache<Pod>;
  readonly remoteClusters: Pick<RemoteClusters, 'find' | 'ask'>;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly options: KubemarkMachineOptions;
}

/** Everything one reconcile knows about its machine. */
export interface Scope {
  readonly draft: Draft<KubemarkMachine>;
  /** `draft.object`: change this. */
  readonly machine: KubemarkMachine;
  /** Of Pod and Node. */
  readonly nodeName: string;
  /** Core's; undefined before core has made itself the owner, and after it is gone. */
  readonly owner: ClusterMachine | undefined;
  readonly cluster: Cluster | undefined;
  /** Set by the phase that finds or makes it. */
  pod: Pod | undefined;
}

/** Reads only. */
export function gather(deps: Deps, draft: Draft<KubemarkMachine>): Scope {
  const machine = draft.object;
  const { name = '', namespace = '' } = machine.metadata;
  const owner = ownerKey(machine);
  const clusterName = machine.metadata.labels?.[clusterNameLabel];
  return {
    draft,
    machine,
    nodeName: clusterNodeName(name),
    owner: owner && deps.machines.get(owner),
    cluster:
      clusterName === undefined ? undefined : deps.clusters.get({ namespace, name: clusterName }),
    pod: undefined,
  };
}

/** Which Machine owns it. Groups are compared, not versions. */
function ownerKey({ metadata }: KubemarkMachine): ObjectKey | undefined {
  const { namespace = '', ownerReferences = [] } = metadata;
  const owner = ownerReferences.find(
    ({ apiVersion, kind }) => kind === 'Machine' && apiVersion.startsWith(`${clusterAPIGroup}/`),
  );
  return owner && { namespace, name: owner.name };
}

/** Who the machine is, wherever it has been moved from. */
export function identityOf({ metadata }: KubemarkMachine): string {
  return metadata.annotations?.[identityKey] ?? metadata.uid ?? '';
}

/** The zone: core's word goes first. */
export function zoneOf({ owner, machine }: Scope): string | undefined {
  return owner?.spec?.failureDomain || machine.spec?.failureDomain;
}
