/** What all kinds of this group have in common: the contract with Cluster API's core. */
import { Type, type Static } from 'typebox';

export const infrastructureGroup = 'infrastructure.cluster.x-k8s.io';
export const infrastructureVersion = 'v1alpha4';

/**
 * One version serves both contracts. The `clusterctl` label makes `clusterctl move` take the objects
 * along, also where kubectl or Helm has installed the definitions.
 */
export const contractLabels = {
  'cluster.x-k8s.io/provider': 'infrastructure-kubemark',
  'cluster.x-k8s.io/v1beta1': infrastructureVersion,
  'cluster.x-k8s.io/v1beta2': infrastructureVersion,
  'clusterctl.cluster.x-k8s.io': '',
} as const;

const conditionSchema = Type.Object({
  type: Type.String({ description: 'A state, e.g. Ready.' }),
  status: Type.String({ description: 'True, False or Unknown.' }),
  observedGeneration: Type.Optional(
    Type.Integer({ format: 'int64', description: 'The generation that this tells of.' }),
  ),
  lastTransitionTime: Type.String({
    format: 'date-time',
    description: 'When the status last changed.',
  }),
  reason: Type.String({ description: 'A word for programs.' }),
  message: Type.String({ description: 'A sentence for people.' }),
});

/** `meta/v1 Condition`, which both contracts can read. */
export type Condition = Static<typeof conditionSchema>;

export const conditionsSchema = Type.Optional(
  Type.Array(conditionSchema, {
    description: 'Ready tells of the whole life of the object.',
    maxItems: 32,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  }),
);

export const readySchema = Type.Optional(
  Type.Boolean({ description: 'Provisioned, as contract v1beta1 reads it. Never turns back.' }),
);

export const initializationSchema = Type.Optional(
  Type.Object(
    {
      provisioned: Type.Optional(
        Type.Boolean({ description: 'Set once, when everything is there for the first time.' }),
      ),
    },
    { description: 'Provisioned, as contract v1beta2 reads it.' },
  ),
);

const stringMap = (description: string) =>
  Type.Optional(
    Type.Unsafe<Record<string, string>>({
      type: 'object',
      additionalProperties: { type: 'string' },
      description,
    }),
  );

/** What a template stamps on its objects. */
export const templateMetadataSchema = Type.Optional(
  Type.Object(
    {
      labels: stringMap('Labels of the objects.'),
      annotations: stringMap('Annotations of the objects.'),
    },
    { description: 'Metadata of the objects that are made of this template.' },
  ),
);
