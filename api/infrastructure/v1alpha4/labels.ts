/** Names that travel on KubemarkMachines, their Pods and their Secrets. */

/** The existing provider's, so that its objects stay deletable after a change of provider. */
export const kubemarkMachineFinalizer = 'kubemarkmachine.infrastructure.cluster.x-k8s.io';

/**
 * On a KubemarkMachine, and as a label on its Pod and Secret: who it is. The UID of the first object
 * of this machine; `clusterctl move` makes others, and carries this over.
 */
export const identityKey = 'infrastructure.cluster.x-k8s.io/kubemark-identity';

/** On Pods: `<namespace>/<name>` of their KubemarkMachine. */
export const kubemarkMachineAnnotation = 'infrastructure.cluster.x-k8s.io/kubemark-machine';

/** On Pods, for people: as the existing provider's. */
export const appLabel = { app: 'hollow-node' } as const;
