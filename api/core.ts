/** The built-in kinds this project reads or writes. Types come from the official client's models. */
import type {
  CoreV1Event,
  V1CertificateSigningRequest,
  V1Lease,
  V1Namespace,
  V1Node,
  V1Pod,
  V1PodDisruptionBudget,
  V1Secret,
} from '@kubernetes/client-node';
import type { Kind } from './kind.ts';
import type { KubernetesObject, ObjectMeta, Wire } from './meta.ts';

export type BuiltIn<Model> = KubernetesObject &
  Omit<Wire<Model>, 'apiVersion' | 'kind' | 'metadata'> & { metadata: ObjectMeta };

export type Pod = BuiltIn<V1Pod>;
export type Node = BuiltIn<V1Node>;
export type NodeCondition = NonNullable<NonNullable<Node['status']>['conditions']>[number];
export type Namespace = BuiltIn<V1Namespace>;
export type Event = BuiltIn<CoreV1Event>;
export type Lease = BuiltIn<V1Lease>;
export type Secret = BuiltIn<V1Secret>;
export type CertificateSigningRequest = BuiltIn<V1CertificateSigningRequest>;
export type PodDisruptionBudget = BuiltIn<V1PodDisruptionBudget>;

export const pods: Kind<Pod> = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
};

export const nodes: Kind<Node> = {
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  namespaced: false,
};

export const namespaces: Kind<Namespace> = {
  group: '',
  version: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};

export const events: Kind<Event> = {
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};

export const leases: Kind<Lease> = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

export const podDisruptionBudgets: Kind<PodDisruptionBudget> = {
  group: 'policy',
  version: 'v1',
  kind: 'PodDisruptionBudget',
  plural: 'poddisruptionbudgets',
  namespaced: true,
};

export const secrets: Kind<Secret> = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};

export const certificateSigningRequests: Kind<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  kind: 'CertificateSigningRequest',
  plural: 'certificatesigningrequests',
  namespaced: false,
};
