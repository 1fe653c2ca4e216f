/** Machine of `machine.openshift.io/v1beta1`, as this provider and its peers use it. */
import { Type, type Static } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import type { KubernetesObject } from '../../meta.ts';
import { anyObject, conditions, emptyOrText, metadata, text, time } from './fields.ts';

const lifecycleHooks = (description: string) =>
  Type.Optional(
    Type.Array(
      Type.Object({
        name: Type.String({
          description: 'Unique among the hooks of its kind.',
          minLength: 3,
          maxLength: 256,
        }),
        owner: Type.String({ description: 'Who removes the hook.', minLength: 3, maxLength: 512 }),
      }),
      {
        description,
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
    ),
  );

export const machineSpecSchema = Type.Object(
  {
    metadata: metadata('Node', 'Copied to the Node once it registers.'),
    taints: Type.Optional(
      Type.Array(
        Type.Object({
          key: Type.String({ description: 'The taint key.' }),
          value: emptyOrText('The taint value.'),
          effect: Type.String({ description: 'NoSchedule, PreferNoSchedule or NoExecute.' }),
          timeAdded: time('When a NoExecute taint was added.'),
        }),
        { description: 'Taints added to the Node once it registers.' },
      ),
    ),
    lifecycleHooks: Type.Optional(
      Type.Object(
        {
          preDrain: lifecycleHooks('Deletion waits before the drain while there are any.'),
          preTerminate: lifecycleHooks('Deletion waits before the instance goes.'),
        },
        { description: 'What others want to do before the machine goes.' },
      ),
    ),
    providerSpec: Type.Optional(
      Type.Object(
        { value: anyObject('A KubemarkMachineProviderConfig (kubemarkproviderconfig.k8s.io).') },
        { description: 'The configuration of the instance.' },
      ),
    ),
    providerID: text(
      'kubemark://<node name>: equals spec.providerID of the Node. Written once, by the provider.',
    ),
    versions: Type.Optional(
      Type.Object(
        {
          kubelet: text('Ignored.'),
          controlPlane: text('Ignored.'),
        },
        {
          description:
            'A left-over of cluster.k8s.io that old manifests still carry. Accepted and ignored.',
        },
      ),
    ),
  },
  { description: 'What the machine should be.' },
);

const objectReferenceSchema = Type.Object(
  {
    kind: text('Node.'),
    name: text('The name of the Node.'),
    uid: text('The UID of the Node.'),
    apiVersion: text('v1.'),
    namespace: text('Unused.'),
    resourceVersion: text('Unused.'),
    fieldPath: text('Unused.'),
  },
  { description: 'The Node of this machine, once it registered.' },
);

export const machineStatusSchema = Type.Object(
  {
    phase: text('Provisioning, Provisioned, Running, Deleting or Failed.'),
    nodeRef: Type.Optional(objectReferenceSchema),
    addresses: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.String({ description: 'InternalIP.' }),
          address: Type.String({ description: 'Never empty.' }),
        }),
        { description: 'Addresses of the instance, as far as they are known.' },
      ),
    ),
    errorReason: text('Set while the machine cannot work: a word for programs.'),
    errorMessage: text('Set while the machine cannot work: what to change, for people.'),
    lastUpdated: time('When this status last changed.'),
    providerStatus: anyObject('A KubemarkMachineProviderStatus (kubemarkproviderconfig.k8s.io).'),
    lastOperation: anyObject('Unused; kept for peers that write it.'),
    conditions: conditions('Drained, Drainable and Terminable: how far a deletion is.'),
  },
  { description: 'What the machine is.' },
);

export type MachineSpec = Static<typeof machineSpecSchema>;
export type LifecycleHooks = NonNullable<MachineSpec['lifecycleHooks']>;
export type MachineStatus = Static<typeof machineStatusSchema>;

export interface Machine extends KubernetesObject {
  spec?: MachineSpec;
  status?: MachineStatus;
}

/** As today's machine-api-operator names them; `Failed` is final for a lost instance. */
export const MachinePhase = {
  provisioning: 'Provisioning',
  provisioned: 'Provisioned',
  running: 'Running',
  deleting: 'Deleting',
  failed: 'Failed',
} as const;
export type MachinePhase = (typeof MachinePhase)[keyof typeof MachinePhase];

/** `status.errorReason` */
export const MachineError = {
  invalidConfiguration: 'InvalidConfiguration',
  create: 'CreateError',
  delete: 'DeleteError',
  update: 'UpdateError',
} as const;
export type MachineError = (typeof MachineError)[keyof typeof MachineError];

export const machines: CustomKind<Machine> = {
  group: 'machine.openshift.io',
  version: 'v1beta1',
  kind: 'Machine',
  plural: 'machines',
  singular: 'machine',
  // No short name: `ma` is that of Cluster API's Machine, which may be in the same cluster.
  categories: ['cluster-api'],
  namespaced: true,
  description: 'Machine is one node of a cluster, real or hollow.',
  spec: machineSpecSchema,
  status: machineStatusSchema,
  printerColumns: [
    { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
    { name: 'Node', type: 'string', jsonPath: '.status.nodeRef.name' },
    { name: 'ProviderID', type: 'string', jsonPath: '.spec.providerID' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'Reason', type: 'string', jsonPath: '.status.providerStatus.reason' },
    {
      name: 'Instance',
      type: 'string',
      jsonPath: '.status.providerStatus.instanceId',
      priority: 1,
    },
    {
      name: 'State',
      type: 'string',
      jsonPath: '.status.providerStatus.instanceState',
      priority: 1,
    },
    {
      name: 'Fault',
      type: 'string',
      jsonPath: '.status.providerStatus.fault.asked',
      priority: 1,
    },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.providerStatus.message',
      priority: 1,
    },
  ],
};
