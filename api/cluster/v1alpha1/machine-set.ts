/** MachineSet of `cluster.k8s.io/v1alpha1`: so many Machines of that group. */
import { Type } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import {
  machineSets as openShiftMachineSets,
  machineSetSpecSchema,
  machineTemplateSchema,
  type MachineSet,
} from '../../machine/v1beta1/machine-set.ts';
import { machines, machineSpecSchema } from './machine.ts';

const template = Type.Object(
  { ...machineTemplateSchema.properties, spec: Type.Optional(machineSpecSchema) },
  { description: 'What new Machines look like. Those that are there are not changed.' },
);

/** Not its short name: kubectl would not know which is meant. */
const { shortNames: _, ...common } = openShiftMachineSets;

export const machineSets: CustomKind<MachineSet> = {
  ...common,
  group: machines.group,
  version: machines.version,
  approval: machines.approval,
  spec: Type.Object(
    { ...machineSetSpecSchema.properties, template },
    { description: 'Which Machines there should be.' },
  ),
};
