/** Names that travel on Machines, Pods and Nodes. Source: spec of the original, §2.7. */

/** Makes Machines of this API outlive their `DELETE` until Pod and Node are gone. */
export const machineFinalizer = 'machine.machine.openshift.io';

/** Value: a Node's name. The machine is that Node; there is no Pod. */
export const staticMachineAnnotation = 'machine.openshift.io/static-machine';

/** Unix seconds: when the wait for `deletionTimeout` began. Survives a restart of the manager. */
export const deletionTimeoutAnnotation = 'machine.openshift.io/deletion-timeout';

/** On Pods and Nodes: `<namespace>/<name>` of their Machine. */
export const machineAnnotation = 'machine.openshift.io/machine';

/** The original refused Machines without it; here they get a Warning event. */
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
] as const;
