/** The API groups in which there are Machines; the same controllers serve each. */
import { machines as clusterMachines } from './cluster/v1alpha1/machine.ts';
import { machineSets as clusterMachineSets } from './cluster/v1alpha1/machine-set.ts';
import type { Kind } from './kind.ts';
import {
  machineDeployments,
  type MachineDeployment,
} from './machine/v1beta1/machine-deployment.ts';
import {
  machineHealthChecks,
  type MachineHealthCheck,
} from './machine/v1beta1/machine-health-check.ts';
import { machineSets, type MachineSet } from './machine/v1beta1/machine-set.ts';
import { machines, type Machine } from './machine/v1beta1/machine.ts';

/** The kinds of one group, as far as it has them. */
export interface MachineGroup {
  readonly machines: Kind<Machine>;
  readonly machineSets: Kind<MachineSet>;
  readonly machineDeployments?: Kind<MachineDeployment>;
  readonly machineHealthChecks?: Kind<MachineHealthCheck>;
}

export const machineGroups = {
  'machine.openshift.io': { machines, machineSets, machineDeployments, machineHealthChecks },
  'cluster.k8s.io': { machines: clusterMachines, machineSets: clusterMachineSets },
} as const satisfies Record<string, MachineGroup>;

export type MachineGroupName = keyof typeof machineGroups;
