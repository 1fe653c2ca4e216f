import { machineGroups, type MachineGroupName } from '#api/machine-groups.ts';
import { quote } from '#api/quote.ts';
import { listFlag, type Flag } from '#runtime/flags.ts';

export const defaultMachineGroup: MachineGroupName = 'machine.openshift.io';

const names = Object.keys(machineGroups).join(', ');

/** In which API groups Machines are looked for. */
export function machineGroupsFlag(): Flag<readonly MachineGroupName[]> {
  const flag = listFlag({
    default: [defaultMachineGroup],
    help: `The API \`groups\` whose Machines are kept; of ${names}`,
  });
  return {
    ...flag,
    default: [defaultMachineGroup],
    parse: (text, previous) => {
      const groups = new Set(flag.parse(text, previous).map(known));
      if (groups.size === 0) throw new Error(`want one at least of ${names}`);
      return [...groups];
    },
  };
}

function known(group: string): MachineGroupName {
  if (isKnown(group)) return group;
  throw new Error(`${quote(group)} is not an API group with Machines (want ${names})`);
}

function isKnown(group: string): group is MachineGroupName {
  return Object.hasOwn(machineGroups, group);
}
