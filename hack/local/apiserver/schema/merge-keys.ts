/**
 * How strategic merge patch treats the lists of built-in types (the `patchStrategy` and
 * `patchMergeKey` tags of k8s.io/api). A list that is not here is replaced as a whole.
 */
export interface PatchStrategy {
  readonly key?: string;
  readonly strategy: string;
}

const by = (key: string): PatchStrategy => ({ key, strategy: 'merge' });
const mergeSet: PatchStrategy = { strategy: 'merge' };
const retainKeys: PatchStrategy = { strategy: 'retainKeys' };

/** Keys are `Type.field`. */
export const patchStrategies: Readonly<Record<string, PatchStrategy>> = {
  'ObjectMeta.ownerReferences': by('uid'),
  'ObjectMeta.finalizers': mergeSet,
  'PodSpec.containers': by('name'),
  'PodSpec.initContainers': by('name'),
  'PodSpec.ephemeralContainers': by('name'),
  'PodSpec.volumes': { key: 'name', strategy: 'merge,retainKeys' },
  'PodSpec.imagePullSecrets': by('name'),
  'PodSpec.hostAliases': by('ip'),
  'PodSpec.topologySpreadConstraints': by('topologyKey'),
  'PodSpec.schedulingGates': by('name'),
  'PodSpec.resourceClaims': { key: 'name', strategy: 'merge,retainKeys' },
  'Container.ports': by('containerPort'),
  'Container.env': by('name'),
  'Container.volumeMounts': by('mountPath'),
  'Container.volumeDevices': by('devicePath'),
  'EphemeralContainer.ports': by('containerPort'),
  'EphemeralContainer.env': by('name'),
  'EphemeralContainer.volumeMounts': by('mountPath'),
  'EphemeralContainer.volumeDevices': by('devicePath'),
  'PodStatus.conditions': by('type'),
  'PodStatus.podIPs': by('ip'),
  'NodeSpec.podCIDRs': mergeSet,
  'NodeStatus.conditions': by('type'),
  'NodeStatus.addresses': by('type'),
  'NamespaceStatus.conditions': by('type'),
  'ServiceSpec.ports': by('port'),
  'ServiceStatus.conditions': by('type'),
  'ServiceAccount.secrets': by('name'),
  'ReplicationControllerStatus.conditions': by('type'),
  'PersistentVolumeClaimStatus.conditions': by('type'),
  'DeploymentSpec.strategy': retainKeys,
  'DeploymentStatus.conditions': by('type'),
  'ReplicaSetStatus.conditions': by('type'),
  'StatefulSetStatus.conditions': by('type'),
  'DaemonSetStatus.conditions': by('type'),
  'PodDisruptionBudgetStatus.conditions': by('type'),
  'PodDisruptionBudgetSpec.selector': { strategy: 'replace' },
  'CSINodeSpec.drivers': by('name'),
};
