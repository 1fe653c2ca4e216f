import { machineGroups, type MachineGroupName } from '#api/machine-groups.ts';

const { TEST_MACHINE_API_GROUP: wanted = 'machine.openshift.io' } = process.env;

function isKnown(name: string): name is MachineGroupName {
  return Object.hasOwn(machineGroups, name);
}

if (!isKnown(wanted)) {
  const names = Object.keys(machineGroups).join(', ');
  throw new Error(`TEST_MACHINE_API_GROUP: "${wanted}" is none of ${names}`);
}

/** The API group whose Machines and MachineSets the stories are about. */
export const machineGroup: MachineGroupName = wanted;

export const { machines: machinesOfGroup, machineSets: machineSetsOfGroup } =
  machineGroups[machineGroup];
