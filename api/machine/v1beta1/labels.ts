/** Names that travel on Machines, Pods and Nodes. Source: spec of the original, §2.7. */
import type { Kind } from '../../kind.ts';

/** Makes Machines outlive their `DELETE` until Pod and Node are gone, e.g. `machine.machine.openshift.io`. */
export function machineFinalizer({ group }: Kind): string {
  return `machine.${group}`;
}

/**
 * On Pods and Nodes: `<namespace>/<name>` of their Machine, e.g. `machine.openshift.io/machine`. One
 * group's Machine may have the name of another's.
 */
export function machineAnnotation({ group }: Kind): string {
  return `${group}/machine`;
}

/** Value: a Node's name. The machine is that Node; there is no Pod. */
export const staticMachineAnnotation = 'machine.openshift.io/static-machine';

/** Unix seconds: when the wait for `deletionTimeout` began. Survives a restart of the manager. */
export const deletionTimeoutAnnotation = 'machine.openshift.io/deletion-timeout';

/** With any value: what runs on the Node is not evicted before it goes. */
export const excludeDrainAnnotation = 'machine.openshift.io/exclude-node-draining';

/** The original refused Machines of `machine.openshift.io` without it; here they get a Warning event. */
export const clusterLabel = 'machine.openshift.io/cluster-api-cluster';

/** On Pods: the UID of the Machine they were made for. */
export const machineUIDLabel = 'machine.k8s.io/machine-uid';

/** On Pods, for `kubectl get pods -l`: cut to the 63 characters of a label value. */
export const machineNameLabel = 'machine.k8s.io/machine-name';
export const machineNamespaceLabel = 'machine.k8s.io/machine-namespace';

/** On Machines, with any value: when its set has too many, this one goes first. */
export const deleteMachineAnnotations = [
  'machine.openshift.io/delete-machine',
  'machine.openshift.io/cluster-api-delete-machine',
  'cluster.k8s.io/delete-machine',
] as const;
