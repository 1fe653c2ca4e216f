/** Machine of `cluster.k8s.io/v1alpha1`: that of `machine.openshift.io`, and what only this group has. */
import { Type } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import { anyObject, text } from '../../machine/v1beta1/fields.ts';
import {
  machines as openShiftMachines,
  machineSpecSchema as openShiftSpecSchema,
  machineStatusSchema,
  type Machine,
} from '../../machine/v1beta1/machine.ts';

const versions = (what: string) =>
  Type.Optional(
    Type.Object(
      { kubelet: text('Ignored.'), controlPlane: text('Ignored.') },
      { description: `${what} Accepted and ignored: a hollow node has the version of its image.` },
    ),
  );

export const machineSpecSchema = Type.Object(
  {
    ...openShiftSpecSchema.properties,
    providerSpec: Type.Optional(
      Type.Object(
        {
          value: anyObject('A KubemarkMachineProviderConfig (kubemarkproviderconfig.k8s.io).'),
          valueFrom: anyObject('Not supported: there are no machine classes. Write it as value.'),
        },
        { description: 'The configuration of the instance.' },
      ),
    ),
    versions: versions('The versions that the Node should have.'),
    configSource: anyObject('Ignored: a hollow kubelet has no configuration of its own.'),
  },
  { description: 'What the machine should be.' },
);

export const machines: CustomKind<Machine> = {
  ...openShiftMachines,
  group: 'cluster.k8s.io',
  version: 'v1alpha1',
  approval: 'unapproved, defined by kubernetes-sigs/cluster-api in 2018',
  spec: machineSpecSchema,
  status: Type.Object(
    { ...machineStatusSchema.properties, versions: versions('The versions that the Node has.') },
    { description: 'What the machine is.' },
  ),
};
