/**
 * The two kinds of Cluster API's core that an infrastructure provider reads and never writes. Both
 * versions in use: fields that only one of them has are optional.
 */
import type { Kind } from '../kind.ts';
import type { KubernetesObject } from '../meta.ts';

export const clusterAPIGroup = 'cluster.x-k8s.io';
export const clusterAPIVersions = ['v1beta2', 'v1beta1'] as const;
export type ClusterAPIVersion = (typeof clusterAPIVersions)[number];

/** `apiGroup` in v1beta2, `apiVersion` (and more) in v1beta1. */
export interface ContractReference {
  apiGroup?: string;
  apiVersion?: string;
  kind?: string;
  name?: string;
}

export interface ClusterMachine extends KubernetesObject {
  spec?: {
    clusterName?: string;
    bootstrap?: { dataSecretName?: string };
    infrastructureRef?: ContractReference;
    version?: string;
    failureDomain?: string;
  };
}

export interface Cluster extends KubernetesObject {
  spec?: {
    paused?: boolean;
    controlPlaneEndpoint?: { host?: string; port?: number };
    infrastructureRef?: ContractReference;
  };
  status?: {
    /** v1beta1 */
    infrastructureReady?: boolean;
    /** v1beta2 */
    initialization?: { infrastructureProvisioned?: boolean };
  };
}

export const clusterMachines = (version: ClusterAPIVersion): Kind<ClusterMachine> => ({
  group: clusterAPIGroup,
  version,
  kind: 'Machine',
  plural: 'machines',
  namespaced: true,
});

export const clusters = (version: ClusterAPIVersion): Kind<Cluster> => ({
  group: clusterAPIGroup,
  version,
  kind: 'Cluster',
  plural: 'clusters',
  namespaced: true,
});

/** On everything that belongs to a Cluster: its name. */
export const clusterNameLabel = 'cluster.x-k8s.io/cluster-name';

/** On any object: which of several managers looks after it. */
export const watchFilterLabel = 'cluster.x-k8s.io/watch-filter';

/** On any object, whatever its value: leave it alone. */
export const pausedAnnotation = 'cluster.x-k8s.io/paused';

/** On infrastructure that somebody else looks after. Documented as a label, read as an annotation. */
export const managedByAnnotation = 'cluster.x-k8s.io/managed-by';

/** Carried by the topology controller's server-side dry runs. */
export const topologyDryRunAnnotation = 'topology.cluster.x-k8s.io/dry-run';

export function isInfrastructureProvisioned({ status }: Cluster): boolean {
  return (
    status?.initialization?.infrastructureProvisioned === true ||
    status?.infrastructureReady === true
  );
}

/** Whether a reference, of either form, is to a kind of this group. The version says nothing. */
export function refersTo(
  reference: ContractReference | undefined,
  kind: Pick<Kind, 'group' | 'kind'>,
): boolean {
  const group = reference?.apiGroup ?? reference?.apiVersion?.split('/')[0];
  return group === kind.group && reference?.kind === kind.kind;
}
