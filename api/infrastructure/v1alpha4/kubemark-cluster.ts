/** KubemarkCluster and its template: for clusters whose control plane comes from elsewhere. */
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
  templateMetadataSchema,
} from './contract.ts';

const clusterSpecSchema = Type.Object(
  {
    controlPlaneEndpoint: Type.Optional(
      Type.Object(
        {
          host: Type.String({ minLength: 1, maxLength: 512, description: 'Name or address.' }),
          port: Type.Integer({ minimum: 1, maximum: 65535, description: 'Usually 6443.' }),
        },
        {
          description:
            "Where the API server is, if core is to learn it from here. Default: waits until the Cluster's own is set.",
        },
      ),
    ),
  },
  { description: 'What the cluster should be.' },
);

const clusterStatusSchema = Type.Object(
  {
    ready: readySchema,
    initialization: initializationSchema,
    conditions: conditionsSchema,
  },
  { description: 'What the cluster is.' },
);
export type KubemarkClusterStatus = Static<typeof clusterStatusSchema>;

export interface KubemarkCluster extends KubernetesObject {
  spec?: Static<typeof clusterSpecSchema>;
  status?: KubemarkClusterStatus;
}

const common = {
  group: infrastructureGroup,
  version: infrastructureVersion,
  categories: ['cluster-api'],
  labels: contractLabels,
  namespaced: true,
} as const;

export const kubemarkClusters: CustomKind<KubemarkCluster> = {
  ...common,
  kind: 'KubemarkCluster',
  plural: 'kubemarkclusters',
  singular: 'kubemarkcluster',
  shortNames: ['kmc'],
  description: 'KubemarkCluster is the infrastructure of a Cluster of hollow nodes: none.',
  spec: clusterSpecSchema,
  status: clusterStatusSchema,
  printerColumns: [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Endpoint', type: 'string', jsonPath: '.spec.controlPlaneEndpoint.host' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
};

export const kubemarkClusterTemplates: CustomKind = {
  ...common,
  kind: 'KubemarkClusterTemplate',
  plural: 'kubemarkclustertemplates',
  singular: 'kubemarkclustertemplate',
  shortNames: ['kmct'],
  description: 'KubemarkClusterTemplate is what KubemarkClusters of a ClusterClass are made of.',
  spec: Type.Object(
    {
      template: Type.Object(
        { metadata: templateMetadataSchema, spec: clusterSpecSchema },
        { description: 'What the clusters are made of.' },
      ),
    },
    { description: 'The template.' },
  ),
  // An object of no properties: API servers drop an empty list of them.
  status: Type.Unsafe<object>({ type: 'object', description: 'Empty.' }),
  printerColumns: [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }],
};
