import { Type, type Static } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import type { KubernetesObject } from '../../meta.ts';
import {
  conditionsSchema,
  contractLabels,
  infrastructureGroup,
  infrastructureVersion,
  initializationSchema,
  readySchema,
} from './contract.ts';
import { injectedFaultSchema } from './faults.ts';
import { machineSpecSchema, type KubemarkMachineSpec } from './machine-spec.ts';

const text = (description: string) => Type.Optional(Type.String({ description }));

const statusSchema = Type.Object(
  {
    ready: readySchema,
    initialization: initializationSchema,
    addresses: Type.Optional(
      Type.Array(
        Type.Object({
          type: Type.String({ description: 'Hostname or InternalIP.' }),
          address: Type.String({ description: 'Never empty.' }),
        }),
        { description: 'Where the machine is, as far as that is known.' },
      ),
    ),
    failureDomain: text('The zone that the machine is in.'),
    interruptible: Type.Optional(
      Type.Boolean({ description: 'The machine may be taken away: core labels its Node.' }),
    ),
    pod: Type.Optional(
      Type.Object(
        {
          namespace: text('Of the Pod.'),
          name: text('Of the Pod.'),
          phase: text('Of the Pod, as its cluster tells it.'),
          nodeName: text('The node that runs the Pod.'),
          image: text('The image of the hollow kubelet.'),
        },
        { description: 'The Pod of the hollow node. Stays when the Pod is lost.' },
      ),
    ),
    fault: Type.Optional(injectedFaultSchema),
    failureReason: text('For contract v1beta1: the machine is beyond repair; a word for programs.'),
    failureMessage: text('For contract v1beta1: the machine is beyond repair; a sentence.'),
    conditions: conditionsSchema,
  },
  { description: 'What the machine is.' },
);
export type KubemarkMachineStatus = Static<typeof statusSchema>;

export interface KubemarkMachine extends KubernetesObject {
  spec?: KubemarkMachineSpec;
  status?: KubemarkMachineStatus;
}

export const kubemarkMachines: CustomKind<KubemarkMachine> = {
  group: infrastructureGroup,
  version: infrastructureVersion,
  kind: 'KubemarkMachine',
  plural: 'kubemarkmachines',
  singular: 'kubemarkmachine',
  shortNames: ['kmm'],
  categories: ['cluster-api'],
  labels: contractLabels,
  namespaced: true,
  description: 'KubemarkMachine is the infrastructure of one Machine: a hollow node.',
  spec: machineSpecSchema,
  status: statusSchema,
  printerColumns: [
    {
      name: 'Cluster',
      type: 'string',
      jsonPath: '.metadata.labels.cluster\\.x-k8s\\.io/cluster-name',
    },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
    { name: 'ProviderID', type: 'string', jsonPath: '.spec.providerID', priority: 1 },
    { name: 'Pod', type: 'string', jsonPath: '.status.pod.phase', priority: 1 },
    { name: 'Zone', type: 'string', jsonPath: '.status.failureDomain', priority: 1 },
    { name: 'Fault', type: 'string', jsonPath: '.status.fault.asked', priority: 1 },
    {
      name: 'Message',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].message',
      priority: 1,
    },
  ],
};
