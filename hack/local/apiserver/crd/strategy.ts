/** The kind CustomResourceDefinition itself: defaults, checks and status. */
import type { V1CustomResourceDefinition } from '@kubernetes/client-node';
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { KubernetesObject, ObjectMeta, Wire } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import type { FieldError } from '../field-error.ts';
import { invalidValue, notSupported, required } from '../field-error.ts';
import type { Strategy } from '../kinds/definition.ts';
import { keepStatus, plainStrategy } from '../kinds/definition.ts';
import type { ApiObject } from '../object.ts';
import { view } from '../object.ts';
import { nameProblems } from '../rest/names.ts';
import type { Schema } from '../schema/types.ts';
import { validateStructural } from './structural.ts';

export type CustomResourceDefinition = KubernetesObject &
  Omit<Wire<V1CustomResourceDefinition>, 'apiVersion' | 'kind' | 'metadata'> & {
    metadata: ObjectMeta;
  };

export const cleanupFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

const scopes = ['Cluster', 'Namespaced'];

export const customResourceDefinitionStrategy: Strategy = {
  ...plainStrategy,
  generation: 'spec',
  allowsUnconditionalUpdate: false,
  returnsDeleted: true,
  prepareForCreate(draft, { clock }) {
    draft.status = establishedStatus(draft, timestamp(clock.now()));
  },
  prepareForUpdate(draft, old) {
    keepStatus(draft, old);
    const { spec } = view<CustomResourceDefinition>(draft);
    const storedVersions = new Set(view<string[]>(old.status?.['storedVersions'] ?? []));
    for (const { name, storage } of spec.versions) if (storage) storedVersions.add(name);
    draft.status = {
      ...draft.status,
      acceptedNames: spec.names,
      storedVersions: [...storedVersions],
    };
  },
  validate: (object) => validateDefinition(view<CustomResourceDefinition>(object)),
  validateUpdate(object, old) {
    return (['group', 'scope'] as const)
      .filter((field) => object.spec?.[field] !== old.spec?.[field])
      .map((field) => invalidValue(`spec.${field}`, object.spec?.[field], 'field is immutable'));
  },
  prepareForDelete(draft) {
    const finalizers = draft.metadata.finalizers ?? [];
    if (!finalizers.includes(cleanupFinalizer)) {
      draft.metadata.finalizers = [...finalizers, cleanupFinalizer];
    }
  },
};

export function setDefinitionDefaults(object: JsonObject): void {
  const spec = (object['spec'] ??= {});
  if (!isObject(spec)) return;
  spec['versions'] ??= [];
  spec['names'] ??= {};
  spec['conversion'] ??= { strategy: 'None' };
  const { names } = spec;
  if (!isObject(names) || typeof names['kind'] !== 'string') return;
  names['singular'] ??= names['kind'].toLowerCase();
  names['listKind'] ??= `${names['kind']}List`;
}

/** Names here never clash with others for long, so a definition is accepted as it is stored. */
function establishedStatus(draft: ApiObject, lastTransitionTime: string): JsonObject {
  const { spec } = view<CustomResourceDefinition>(draft);
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime,
    reason,
    message,
  });
  return {
    acceptedNames: spec.names,
    storedVersions: spec.versions.filter(({ storage }) => storage).map(({ name }) => name),
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
  };
}

const approval = 'api-approved.kubernetes.io';
/** Kubernetes' own, by their names. */
const protectedGroup = /(^|\.)(k8s|kubernetes)\.io$/;

function approvalProblems(annotations: Record<string, string> = {}, group = ''): FieldError[] {
  if (!protectedGroup.test(group)) return [];
  const field = `metadata.annotations[${approval}]`;
  const value = annotations[approval];
  const wanted = `protected groups must have approval annotation "${approval}"`;
  const source = 'see https://github.com/kubernetes/enhancements/pull/1111';
  if (!value) return [required(field, `${wanted}, ${source}`)];
  if (value.startsWith('unapproved') || URL.canParse(value)) return [];
  const forms = 'with either a URL or a reason starting with "unapproved"';
  return [invalidValue(field, value, `${wanted} ${forms}, ${source}`)];
}

function validateDefinition({ metadata, spec }: CustomResourceDefinition): FieldError[] {
  const errors: FieldError[] = [];
  const expectedName = `${spec.names?.plural}.${spec.group}`;
  if (metadata.name !== expectedName) {
    const detail = 'must be spec.names.plural+"."+spec.group';
    errors.push(invalidValue('metadata.name', metadata.name, detail));
  }
  errors.push(...approvalProblems(metadata.annotations, spec.group));
  if (!spec.group) errors.push(required('spec.group'));
  else
    for (const why of nameProblems(spec.group, 'subdomain'))
      errors.push(invalidValue('spec.group', spec.group, why));
  if (!scopes.includes(spec.scope))
    errors.push(notSupported('spec.scope', spec.scope ?? '', scopes));
  for (const member of ['plural', 'singular', 'kind', 'listKind'] as const) {
    if (!spec.names?.[member]) errors.push(required(`spec.names.${member}`));
  }
  const versions = spec.versions ?? [];
  if (versions.filter(({ storage }) => storage).length !== 1) {
    const detail = 'must have exactly one version marked as storage version';
    errors.push(
      invalidValue(
        'spec.versions',
        versions.map(({ name }) => name),
        detail,
      ),
    );
  }
  for (const [index, { schema }] of versions.entries()) {
    const field = `spec.versions[${index}].schema.openAPIV3Schema`;
    const root = schema?.openAPIV3Schema;
    if (root === undefined) errors.push(required(field, 'schemas are required'));
    else errors.push(...validateStructural(view<Schema>(root), field));
  }
  return errors;
}
