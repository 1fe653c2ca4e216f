/** The kinds that the server has from the start, as a table. */
import { customResourceDefinitionStrategy, setDefinitionDefaults } from '../crd/strategy.ts';
import type { BuiltInSchemas } from '../schema/built-in.ts';
import type { SelectableFields } from '../selectors/field.ts';
import {
  configMapColumns,
  customResourceDefinitionColumns,
  disruptionBudgetColumns,
  eventColumns,
  leaseColumns,
  namespaceColumns,
  nodeColumns,
  replicasColumns,
} from '../table/built-in.ts';
import type { Columns } from '../table/columns.ts';
import { plainColumns } from '../table/columns.ts';
import { podColumns } from '../table/pod.ts';
import type { Defaults } from './built-in-codec.ts';
import { BuiltInCodec } from './built-in-codec.ts';
import type { ResourceDefinition, ScalePaths, Strategy } from './definition.ts';
import { plainStrategy, statusStrategy } from './definition.ts';
import { namespaceFields, namespaceStrategy } from './namespace.ts';
import { nodeFields, nodeStrategy, setNodeDefaults } from './node.ts';
import {
  configMapStrategy,
  disruptionBudgetStrategy,
  eventFields,
  eventStrategy,
  leaseStrategy,
  priorityClassStrategy,
  rbacStrategy,
  roleBindingStrategy,
  secretFields,
  secretStrategy,
  setEventDefaults,
  setLeaseDefaults,
  setPriorityClassDefaults,
  setRoleBindingDefaults,
  setSecretDefaults,
  setServiceDefaults,
} from './other.ts';
import { setPodDefaults } from './pod-defaults.ts';
import { podFields, podStrategy } from './pod.ts';
import {
  replicationControllerStrategy,
  setDaemonSetDefaults,
  setDeploymentDefaults,
  setReplicaDefaults,
  setReplicationControllerDefaults,
  setStatefulSetDefaults,
  workloadStrategy,
} from './workload.ts';

interface Row {
  kind: string;
  plural: string;
  namespaced: boolean;
  /** The client's model, where it is not `V1` and the kind. */
  model?: string;
  short?: string[];
  categories?: string[];
  strategy?: Strategy;
  defaults?: Defaults;
  columns?: Columns;
  selectable?: SelectableFields;
  status?: boolean;
  scale?: ScalePaths;
}

const all = ['all'];
const replicas: ScalePaths = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
};

const groups: Record<string, Row[]> = {
  '': [
    {
      kind: 'Pod',
      plural: 'pods',
      namespaced: true,
      short: ['po'],
      categories: all,
      strategy: podStrategy,
      defaults: setPodDefaults,
      columns: podColumns,
      selectable: podFields,
      status: true,
    },
    {
      kind: 'Node',
      plural: 'nodes',
      namespaced: false,
      short: ['no'],
      strategy: nodeStrategy,
      defaults: setNodeDefaults,
      columns: nodeColumns,
      selectable: nodeFields,
      status: true,
    },
    {
      kind: 'Namespace',
      plural: 'namespaces',
      namespaced: false,
      short: ['ns'],
      strategy: namespaceStrategy,
      columns: namespaceColumns,
      selectable: namespaceFields,
      status: true,
    },
    {
      kind: 'Event',
      plural: 'events',
      namespaced: true,
      model: 'CoreV1Event',
      short: ['ev'],
      strategy: eventStrategy,
      defaults: setEventDefaults,
      columns: eventColumns,
      selectable: eventFields,
    },
    {
      kind: 'ConfigMap',
      plural: 'configmaps',
      namespaced: true,
      short: ['cm'],
      strategy: configMapStrategy,
      columns: configMapColumns,
    },
    {
      kind: 'Secret',
      plural: 'secrets',
      namespaced: true,
      strategy: secretStrategy,
      defaults: setSecretDefaults,
      selectable: secretFields,
    },
    {
      kind: 'Service',
      plural: 'services',
      namespaced: true,
      short: ['svc'],
      categories: all,
      strategy: statusStrategy,
      defaults: setServiceDefaults,
      status: true,
    },
    {
      kind: 'ServiceAccount',
      plural: 'serviceaccounts',
      namespaced: true,
      short: ['sa'],
      strategy: { ...plainStrategy, allowsUnconditionalUpdate: false, returnsDeleted: true },
    },
    { kind: 'Endpoints', plural: 'endpoints', namespaced: true, short: ['ep'] },
    {
      kind: 'ReplicationController',
      plural: 'replicationcontrollers',
      namespaced: true,
      short: ['rc'],
      categories: all,
      strategy: replicationControllerStrategy,
      defaults: setReplicationControllerDefaults,
      columns: replicasColumns,
      status: true,
      scale: replicas,
    },
    {
      kind: 'PersistentVolume',
      plural: 'persistentvolumes',
      namespaced: false,
      short: ['pv'],
      strategy: { ...statusStrategy, returnsDeleted: true },
      status: true,
    },
    {
      kind: 'PersistentVolumeClaim',
      plural: 'persistentvolumeclaims',
      namespaced: true,
      short: ['pvc'],
      strategy: { ...statusStrategy, returnsDeleted: true },
      status: true,
    },
  ],
  apps: [
    {
      kind: 'Deployment',
      plural: 'deployments',
      namespaced: true,
      short: ['deploy'],
      categories: all,
      strategy: workloadStrategy,
      defaults: setDeploymentDefaults,
      status: true,
      scale: replicas,
    },
    {
      kind: 'ReplicaSet',
      plural: 'replicasets',
      namespaced: true,
      short: ['rs'],
      categories: all,
      strategy: workloadStrategy,
      defaults: setReplicaDefaults,
      columns: replicasColumns,
      status: true,
      scale: replicas,
    },
    {
      kind: 'StatefulSet',
      plural: 'statefulsets',
      namespaced: true,
      short: ['sts'],
      categories: all,
      strategy: workloadStrategy,
      defaults: setStatefulSetDefaults,
      status: true,
      scale: replicas,
    },
    {
      kind: 'DaemonSet',
      plural: 'daemonsets',
      namespaced: true,
      short: ['ds'],
      categories: all,
      strategy: workloadStrategy,
      defaults: setDaemonSetDefaults,
      status: true,
    },
  ],
  'coordination.k8s.io': [
    {
      kind: 'Lease',
      plural: 'leases',
      namespaced: true,
      strategy: leaseStrategy,
      defaults: setLeaseDefaults,
      columns: leaseColumns,
    },
  ],
  policy: [
    {
      kind: 'PodDisruptionBudget',
      plural: 'poddisruptionbudgets',
      namespaced: true,
      short: ['pdb'],
      strategy: disruptionBudgetStrategy,
      columns: disruptionBudgetColumns,
      status: true,
    },
  ],
  'storage.k8s.io': [
    {
      kind: 'CSINode',
      plural: 'csinodes',
      namespaced: false,
      strategy: { ...plainStrategy, allowsUnconditionalUpdate: false, returnsDeleted: true },
    },
    { kind: 'CSIDriver', plural: 'csidrivers', namespaced: false },
    { kind: 'StorageClass', plural: 'storageclasses', namespaced: false, short: ['sc'] },
  ],
  'node.k8s.io': [{ kind: 'RuntimeClass', plural: 'runtimeclasses', namespaced: false }],
  'scheduling.k8s.io': [
    {
      kind: 'PriorityClass',
      plural: 'priorityclasses',
      namespaced: false,
      short: ['pc'],
      strategy: priorityClassStrategy,
      defaults: setPriorityClassDefaults,
    },
  ],
  'rbac.authorization.k8s.io': [
    { kind: 'Role', plural: 'roles', namespaced: true, strategy: rbacStrategy },
    { kind: 'ClusterRole', plural: 'clusterroles', namespaced: false, strategy: rbacStrategy },
    {
      kind: 'RoleBinding',
      plural: 'rolebindings',
      namespaced: true,
      strategy: roleBindingStrategy,
      defaults: setRoleBindingDefaults,
    },
    {
      kind: 'ClusterRoleBinding',
      plural: 'clusterrolebindings',
      namespaced: false,
      strategy: roleBindingStrategy,
      defaults: setRoleBindingDefaults,
    },
  ],
  'certificates.k8s.io': [
    {
      kind: 'CertificateSigningRequest',
      plural: 'certificatesigningrequests',
      namespaced: false,
      short: ['csr'],
      strategy: statusStrategy,
      status: true,
    },
  ],
  'apiextensions.k8s.io': [
    {
      kind: 'CustomResourceDefinition',
      plural: 'customresourcedefinitions',
      namespaced: false,
      short: ['crd', 'crds'],
      categories: ['api-extensions'],
      strategy: customResourceDefinitionStrategy,
      defaults: setDefinitionDefaults,
      columns: customResourceDefinitionColumns,
      status: true,
    },
  ],
};

/** Every built-in kind, its schema read from `schemas` when it is first used. */
export function builtInDefinitions(schemas: BuiltInSchemas): ResourceDefinition[] {
  return Object.entries(groups).flatMap(([group, rows]) =>
    rows.map((row) => definitionOf(group, row, schemas)),
  );
}

function definitionOf(group: string, row: Row, schemas: BuiltInSchemas): ResourceDefinition {
  const { kind, plural, namespaced, model = `V1${kind}` } = row;
  return {
    group,
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: row.short ?? [],
    categories: row.categories ?? [],
    namespaced,
    isCustom: false,
    storageVersion: 'v1',
    versions: [
      {
        name: 'v1',
        served: true,
        codec: new BuiltInCodec(schemas, model, row.defaults),
        columns: row.columns ?? plainColumns,
        hasStatus: row.status ?? false,
        ...(row.scale && { scale: row.scale }),
      },
    ],
    strategy: row.strategy ?? plainStrategy,
    selectable: row.selectable ?? {},
  };
}
