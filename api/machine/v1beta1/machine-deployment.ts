/** MachineDeployment of `machine.openshift.io/v1beta1`: MachineSets that take turns. */
import { Type, type Static } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import type { KubernetesObject } from '../../meta.ts';
import {
  conditionsWith,
  count,
  intOrPercent,
  labelSelectorSchema,
  observedGeneration,
  text,
  time,
} from './fields.ts';
import { machineTemplateSchema } from './machine-set.ts';

/** How Machines of a former template are replaced. */
export const DeploymentStrategy = { rollingUpdate: 'RollingUpdate', onDelete: 'OnDelete' } as const;
export type DeploymentStrategy = (typeof DeploymentStrategy)[keyof typeof DeploymentStrategy];

const strategySchema = Type.Object(
  {
    type: Type.Optional(
      Type.Unsafe<DeploymentStrategy>({
        type: 'string',
        enum: Object.values(DeploymentStrategy),
        description:
          'RollingUpdate: within the limits below. OnDelete: when somebody deletes a Machine. Absent: RollingUpdate.',
      }),
    ),
    rollingUpdate: Type.Optional(
      Type.Object(
        {
          maxSurge: intOrPercent(
            'How many Machines more than replicas there may be, in numbers or percent, rounded up; absent: 1.',
          ),
          maxUnavailable: intOrPercent(
            'How many Machines fewer than replicas may be available, in numbers or percent, rounded down; absent: 0.',
          ),
        },
        { description: 'The limits of a rolling update. Were both 0, one may be unavailable.' },
      ),
    ),
  },
  { description: 'How Machines of a former template are replaced.' },
);

export const machineDeploymentSpecSchema = Type.Object(
  {
    replicas: count('How many Machines there should be.', { default: 1 }),
    selector: labelSelectorSchema,
    template: machineTemplateSchema,
    strategy: Type.Optional(strategySchema),
    minReadySeconds: count(
      'For how many seconds a Node has to be Ready before its Machine counts as available.',
    ),
    revisionHistoryLimit: count(
      'How many MachineSets of former templates stay, to roll back to; absent: 1.',
    ),
    paused: Type.Optional(
      Type.Boolean({ description: 'Whether a new template has to wait. Scaling does not.' }),
    ),
    progressDeadlineSeconds: count(
      'After how many seconds without progress a rollout counts as failed; absent: 600. It goes on all the same.',
    ),
  },
  { description: 'Which Machines there should be, and how they are replaced.' },
);

export const machineDeploymentStatusSchema = Type.Object(
  {
    observedGeneration,
    replicas: count('How many Machines there are, without those that are being deleted.'),
    updatedReplicas: count('How many of them are of the present template.'),
    readyReplicas: count('How many of them have a Node that is Ready.'),
    availableReplicas: count('How many of them have been ready for minReadySeconds.'),
    unavailableReplicas: count('How many are missing until all that are asked for are available.'),
    collisionCount: count('How often the name of a new MachineSet was taken by a foreign one.'),
    labelSelector: text('The selector as text: what the scale subresource tells autoscalers.'),
    conditions: conditionsWith(
      { lastUpdateTime: time('Of Progressing: when there last was progress.') },
      'Available and Progressing.',
    ),
  },
  { description: 'How far the rollout is.' },
);

export type MachineDeploymentSpec = Static<typeof machineDeploymentSpecSchema>;
export type MachineDeploymentStatus = Static<typeof machineDeploymentStatusSchema>;
export type DeploymentCondition = NonNullable<MachineDeploymentStatus['conditions']>[number];

export interface MachineDeployment extends KubernetesObject {
  spec?: MachineDeploymentSpec;
  status?: MachineDeploymentStatus;
}

export const machineDeployments: CustomKind<MachineDeployment> = {
  group: 'machine.openshift.io',
  version: 'v1beta1',
  kind: 'MachineDeployment',
  plural: 'machinedeployments',
  singular: 'machinedeployment',
  shortNames: ['md'],
  categories: ['cluster-api'],
  namespaced: true,
  description: 'MachineDeployment replaces Machines when their template changes.',
  spec: machineDeploymentSpecSchema,
  status: machineDeploymentStatusSchema,
  isScalable: true,
  printerColumns: [
    { name: 'Desired', type: 'integer', jsonPath: '.spec.replicas' },
    { name: 'Current', type: 'integer', jsonPath: '.status.replicas' },
    { name: 'Up-to-date', type: 'integer', jsonPath: '.status.updatedReplicas' },
    { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
    { name: 'Available', type: 'integer', jsonPath: '.status.availableReplicas' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    {
      name: 'Progress',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Progressing")].reason',
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Progressing")].message',
      priority: 1,
    },
    { name: 'Selector', type: 'string', jsonPath: '.status.labelSelector', priority: 1 },
  ],
};

const prefix = 'machinedeployment.clusters.k8s.io';

/** On MachineSets, their selectors and Machines: tells the sets of one deployment apart. */
export const templateHashLabel = 'machine-template-hash';

/** On a deployment and its MachineSets: which template this was, counted from 1. */
export const revisionAnnotation = `${prefix}/revision`;

/** On MachineSets: the revisions that this template was before it came back, separated by commas. */
export const revisionHistoryAnnotation = `${prefix}/revision-history`;

/** On MachineSets: the replicas of the deployment when the set was scaled last. */
export const desiredReplicasAnnotation = `${prefix}/desired-replicas`;

/** On MachineSets: how many Machines all sets together were allowed then. */
export const maxReplicasAnnotation = `${prefix}/max-replicas`;

/** On MachineSets: `true` where a Machine that is lost is not replaced by the set itself. */
export const noCreationAnnotation = `${prefix}/no-creation`;
