/** MachineSet of `machine.openshift.io/v1beta1`: so many Machines of one template. */
import { Type, type Static } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import type { KubernetesObject } from '../../meta.ts';
import {
  conditions,
  count,
  labelSelectorSchema,
  metadata,
  observedGeneration,
  text,
} from './fields.ts';
import { machineSpecSchema } from './machine.ts';

/** What new Machines look like: of a MachineSet, and of a MachineDeployment. */
export const machineTemplateSchema = Type.Object(
  {
    metadata: metadata('Machines', 'Its labels must match the selector.'),
    spec: Type.Optional(machineSpecSchema),
  },
  { description: 'What new Machines look like. Those that are there are not changed.' },
);
export type MachineTemplate = Static<typeof machineTemplateSchema>;

/** Which Machines go first when there are too many. */
export const DeletePolicy = { random: 'Random', newest: 'Newest', oldest: 'Oldest' } as const;
export type DeletePolicy = (typeof DeletePolicy)[keyof typeof DeletePolicy];

export const machineSetSpecSchema = Type.Object(
  {
    replicas: count('How many Machines there should be.', { default: 1 }),
    minReadySeconds: count(
      'For how many seconds a Node has to be Ready before its Machine counts as available.',
    ),
    deletePolicy: Type.Optional(
      Type.Unsafe<DeletePolicy>({
        type: 'string',
        enum: Object.values(DeletePolicy),
        description: 'Which Machines go first when there are too many; absent: Random.',
      }),
    ),
    selector: labelSelectorSchema,
    template: machineTemplateSchema,
  },
  { description: 'Which Machines there should be.' },
);

export const machineSetStatusSchema = Type.Object(
  {
    replicas: count('How many Machines there are, without those that are being deleted.'),
    fullyLabeledReplicas: count('How many of them have all labels of the template.'),
    readyReplicas: count('How many of them have a Node that is Ready.'),
    availableReplicas: count('How many of them have been ready for minReadySeconds.'),
    observedGeneration,
    labelSelector: text('The selector as text: what the scale subresource tells autoscalers.'),
    errorReason: text('Set while the set cannot work: a word for programs.'),
    errorMessage: text('Set while the set cannot work: what to change, for people.'),
    conditions: conditions('Conditions of the set.'),
  },
  { description: 'Which Machines there are.' },
);

export type MachineSetSpec = Static<typeof machineSetSpecSchema>;
export type MachineSetStatus = Static<typeof machineSetStatusSchema>;

export interface MachineSet extends KubernetesObject {
  spec?: MachineSetSpec;
  status?: MachineSetStatus;
}

export const machineSets: CustomKind<MachineSet> = {
  group: 'machine.openshift.io',
  version: 'v1beta1',
  kind: 'MachineSet',
  plural: 'machinesets',
  singular: 'machineset',
  shortNames: ['ms'],
  categories: ['cluster-api'],
  namespaced: true,
  description: 'MachineSet keeps a number of Machines of one template.',
  spec: machineSetSpecSchema,
  status: machineSetStatusSchema,
  isScalable: true,
  printerColumns: [
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Current', type: 'integer', jsonPath: '.status.replicas' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Available', type: 'integer', jsonPath: '.status.availableReplicas' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="ReplicaFailure")].reason',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="ReplicaFailure")].message',
      priority: 1,
    },
    { name: 'Selector', type: 'string', jsonPath: '.status.labelSelector', priority: 1 },
  ],
};
