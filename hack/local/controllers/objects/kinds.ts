/** Built-in kinds that only these controllers need; the others are in `api/core.ts`. */
import type {
  V1CustomResourceDefinition,
  V1Deployment,
  V1ReplicaSet,
  V1ReplicationController,
  V1StatefulSet,
  V1Taint,
  V1Toleration,
} from '@kubernetes/client-node';
import type { BuiltIn } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { Wire } from '#api/meta.ts';

export type ReplicationController = BuiltIn<V1ReplicationController>;
export type ReplicaSet = BuiltIn<V1ReplicaSet>;
export type Deployment = BuiltIn<V1Deployment>;
export type StatefulSet = BuiltIn<V1StatefulSet>;
export type CustomResourceDefinition = BuiltIn<V1CustomResourceDefinition>;

export type Taint = Wire<V1Taint>;
export type Toleration = Wire<V1Toleration>;

export const replicationControllers: Kind<ReplicationController> = {
  group: '',
  version: 'v1',
  kind: 'ReplicationController',
  plural: 'replicationcontrollers',
  namespaced: true,
};

export const replicaSets: Kind<ReplicaSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  namespaced: true,
};

export const deployments: Kind<Deployment> = {
  group: 'apps',
  version: 'v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};

export const statefulSets: Kind<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  namespaced: true,
};

export const customResourceDefinitions: Kind<CustomResourceDefinition> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
