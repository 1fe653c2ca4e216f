/** What objects are called that others refer to: patches, tests, people. Changing one breaks them. */
import { program } from '#controller/cmd/options.ts';
import { defaultValues } from '#runtime/flags.ts';

const defaults = defaultValues(program);

/** The controller's. Cluster API's own provider for kubemark lives in `capk-system`, and may stay there. */
export const systemNamespace = 'kubemark-provider-system';

/** Where the manager puts hollow-node Pods when it is not told otherwise. */
export const podNamespace = defaults['pod-namespace'];

/** The Lease that managers compete for. */
export const leaseName = defaults['leader-elect-resource-name'];

/** The same for the provider of Cluster API, which may be installed beside the legacy Machine API's. */
export const infrastructureNamespace = 'kubemark-infrastructure-system';
export const infrastructureName = 'kubemark-infrastructure-manager';
export const infrastructureDeploymentName = 'kubemark-infrastructure-controller-manager';

export const managerName = 'kubemark-provider-manager';
export const leaderElectionName = 'kubemark-provider-leader-election';
export const hollowNodeName = 'kubemark-provider-hollow-node';
export const clusterK8sIoName = 'kubemark-provider-cluster-k8s-io';
export const kubemarkName = 'kubemark-provider-kubemark';
export const deploymentName = 'kubemark-provider-controller-manager';

/**
 * Replaced with `images:` in a kustomization. The tag is not `latest`, with which a kubelet would ask a
 * registry although the image was loaded into it.
 */
export const images = {
  controller: 'cluster-api-provider-kubemark/controller:dev',
  hollowNode: 'cluster-api-provider-kubemark/hollow-node:dev',
  faultProxy: 'cluster-api-provider-kubemark/fault-proxy:dev',
} as const;

/** On every object. */
export const commonLabels = { 'app.kubernetes.io/name': 'cluster-api-provider-kubemark' } as const;

/** Of the manager's Pods; selectors cannot be changed later. */
export const managerLabels = {
  ...commonLabels,
  'app.kubernetes.io/component': 'controller-manager',
} as const;

export const infrastructureManagerLabels = {
  ...commonLabels,
  'app.kubernetes.io/component': 'infrastructure-controller-manager',
} as const;

/** Names of container ports, and the numbers that the Machine API's controllers use. */
export const ports = {
  metrics: { name: 'metrics', number: 8081 },
  health: { name: 'health', number: 9440 },
} as const;
