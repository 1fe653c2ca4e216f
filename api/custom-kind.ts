/**
 * A kind that we define: one schema gives the TypeScript type (`Static`), the CRD's OpenAPI (here)
 * and the runtime check (`schema/check.ts`).
 */
import type { TSchema } from 'typebox';
import type { Kind } from './kind.ts';
import type { KubernetesObject } from './meta.ts';

export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date' | 'boolean';
  jsonPath: string;
  /** 0 (default): always shown; 1: with `-o wide`. */
  priority?: number;
}

export interface CustomKind<T extends KubernetesObject = KubernetesObject> extends Kind<T> {
  readonly singular: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** Of the definition itself: what others find the kind by. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly description: string;
  readonly spec: TSchema;
  readonly status: TSchema;
  readonly printerColumns: readonly PrinterColumn[];
  /** Has the `scale` subresource, by the fields of that name that workloads have. */
  readonly isScalable?: boolean;
  /**
   * Who approved the API, or `unapproved` and why. API servers want to know that of groups that are
   * Kubernetes' own by their name.
   */
  readonly approval?: string | undefined;
}

const approvalAnnotation = 'api-approved.kubernetes.io';

const scale = {
  specReplicasPath: '.spec.replicas',
  statusReplicasPath: '.status.replicas',
  labelSelectorPath: '.status.labelSelector',
};

/** The `apiextensions.k8s.io/v1` object that teaches an API server the kind. */
export function customResourceDefinition(kind: CustomKind): KubernetesObject & { spec: object } {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {
      name: `${kind.plural}.${kind.group}`,
      ...(kind.labels && { labels: kind.labels }),
      ...(kind.approval !== undefined && { annotations: { [approvalAnnotation]: kind.approval } }),
    },
    spec: {
      group: kind.group,
      names: {
        kind: kind.kind,
        listKind: `${kind.kind}List`,
        plural: kind.plural,
        singular: kind.singular,
        ...(kind.shortNames && { shortNames: kind.shortNames }),
        ...(kind.categories && { categories: kind.categories }),
      },
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: kind.description,
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: openAPI(kind.spec),
                status: openAPI(kind.status),
              },
            },
          },
          subresources: { status: {}, ...(kind.isScalable && { scale }) },
          additionalPrinterColumns: kind.printerColumns,
        },
      ],
    },
  };
}

/** What a schema says beyond OpenAPI: our error texts (schema/field.ts). */
const errorTexts = new Set(['what', 'want']);

/** A schema as plain OpenAPI v3, which knows no rules for the names in a map. */
function openAPI(schema: TSchema): unknown {
  const plain = JSON.stringify(schema, (key, value: unknown) => {
    const isErrorText = typeof value === 'string' && errorTexts.has(key);
    return isErrorText || key === 'propertyNames' ? undefined : value;
  });
  return JSON.parse(plain);
}
