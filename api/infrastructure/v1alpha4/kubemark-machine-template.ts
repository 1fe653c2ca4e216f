import { Type, type Static } from 'typebox';
import type { CustomKind } from '../../custom-kind.ts';
import type { KubernetesObject } from '../../meta.ts';
import {
  contractLabels,
  infrastructureGroup,
  infrastructureVersion,
  templateMetadataSchema,
} from './contract.ts';
import { machineSpecSchema } from './machine-spec.ts';

const specSchema = Type.Object(
  {
    template: Type.Object(
      { metadata: templateMetadataSchema, spec: machineSpecSchema },
      { description: 'What the machines are made of.' },
    ),
  },
  { description: 'The template. Its machines are never changed by it.' },
);

const statusSchema = Type.Object(
  {
    capacity: Type.Optional(
      Type.Unsafe<Record<string, string>>({
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'What one node of this template has: for scaling from zero.',
      }),
    ),
    nodeInfo: Type.Optional(
      Type.Object(
        {
          architecture: Type.String({ description: 'amd64, arm64, s390x or ppc64le.' }),
          operatingSystem: Type.String({ description: 'linux.' }),
        },
        { description: 'What one node of this template is: for scaling from zero.' },
      ),
    ),
  },
  { description: 'What the template comes to.' },
);
export type KubemarkMachineTemplateStatus = Static<typeof statusSchema>;

export interface KubemarkMachineTemplate extends KubernetesObject {
  spec: Static<typeof specSchema>;
  status?: KubemarkMachineTemplateStatus;
}

export const kubemarkMachineTemplates: CustomKind<KubemarkMachineTemplate> = {
  group: infrastructureGroup,
  version: infrastructureVersion,
  kind: 'KubemarkMachineTemplate',
  plural: 'kubemarkmachinetemplates',
  singular: 'kubemarkmachinetemplate',
  shortNames: ['kmmt'],
  categories: ['cluster-api'],
  labels: contractLabels,
  namespaced: true,
  description: 'KubemarkMachineTemplate is what KubemarkMachines of a set are made of.',
  spec: specSchema,
  status: statusSchema,
  printerColumns: [
    { name: 'CPU', type: 'string', jsonPath: '.status.capacity.cpu' },
    { name: 'Memory', type: 'string', jsonPath: '.status.capacity.memory' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};
