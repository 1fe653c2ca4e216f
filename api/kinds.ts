import { machines as clusterMachines } from './cluster/v1alpha1/machine.ts';
import { machineSets as clusterMachineSets } from './cluster/v1alpha1/machine-set.ts';
import type { CustomKind } from './custom-kind.ts';
import {
  kubemarkClusters,
  kubemarkClusterTemplates,
} from './infrastructure/v1alpha4/kubemark-cluster.ts';
import { kubemarkMachineTemplates } from './infrastructure/v1alpha4/kubemark-machine-template.ts';
import { kubemarkMachines } from './infrastructure/v1alpha4/kubemark-machine.ts';
import { machineDeployments } from './machine/v1beta1/machine-deployment.ts';
import { machineHealthChecks } from './machine/v1beta1/machine-health-check.ts';
import { machineSets } from './machine/v1beta1/machine-set.ts';
import { machines } from './machine/v1beta1/machine.ts';

/** The kinds of a provider for Cluster API, whose own kinds are installed with it. */
export const infrastructureKinds: readonly CustomKind[] = [
  kubemarkMachines,
  kubemarkMachineTemplates,
  kubemarkClusters,
  kubemarkClusterTemplates,
];

/** The kinds whose objects become Nodes: those that take the annotation of a fault. */
export const machineKinds: readonly CustomKind[] = [machines, clusterMachines, kubemarkMachines];

/** Every kind that this project defines: the CRDs and the embedded API server come from it. */
export const customKinds: readonly CustomKind[] = [
  machines,
  machineSets,
  machineDeployments,
  machineHealthChecks,
  clusterMachines,
  clusterMachineSets,
  ...infrastructureKinds,
];
