import { machines as clusterMachines } from './cluster/v1alpha1/machine.ts';
import { machineSets as clusterMachineSets } from './cluster/v1alpha1/machine-set.ts';
import type { CustomKind } from './custom-kind.ts';
import { machineDeployments } from './machine/v1beta1/machine-deployment.ts';
import { machineHealthChecks } from './machine/v1beta1/machine-health-check.ts';
import { machineSets } from './machine/v1beta1/machine-set.ts';
import { machines } from './machine/v1beta1/machine.ts';

/** Every kind that this project defines: the CRDs and the embedded API server come from it. */
export const customKinds: readonly CustomKind[] = [
  machines,
  machineSets,
  machineDeployments,
  machineHealthChecks,
  clusterMachines,
  clusterMachineSets,
];
