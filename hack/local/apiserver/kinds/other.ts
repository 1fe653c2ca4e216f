/** Small strategies and defaults of kinds that need little. */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import { forbiddenField, invalidValue, required } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import { getPath, getText, jsonEqual } from '../object.ts';
import type { SelectableFields } from '../selectors/field.ts';
import type { Strategy } from './definition.ts';
import { plainStrategy, statusStrategy } from './definition.ts';

const involved = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

export const eventFields: SelectableFields = {
  ...Object.fromEntries(
    involved.map((field) => [
      `involvedObject.${field}`,
      (event: ApiObject) => getText(event, 'involvedObject', field),
    ]),
  ),
  reason: (event) => getText(event, 'reason'),
  type: (event) => getText(event, 'type'),
  reportingComponent: (event) => getText(event, 'reportingComponent'),
  source: (event) => getText(event, 'source', 'component') || getText(event, 'reportingComponent'),
};

export const eventStrategy: Strategy = {
  ...plainStrategy,
  allowsCreateOnUpdate: true,
  validate(event) {
    const { namespace } = event.metadata;
    const involvedNamespace = getText(event, 'involvedObject', 'namespace');
    // Events about cluster-scoped objects live in `default`.
    if (involvedNamespace === namespace || (involvedNamespace === '' && namespace === 'default')) {
      return [];
    }
    const detail = 'does not match event.namespace';
    return [invalidValue('involvedObject.namespace', involvedNamespace, detail)];
  },
};

/** An Event always says when and by whom, though it may be with nothing. */
export function setEventDefaults(event: JsonObject): void {
  event['source'] ??= {};
  for (const field of ['firstTimestamp', 'lastTimestamp', 'eventTime']) event[field] ??= null;
  for (const field of ['reportingComponent', 'reportingInstance']) event[field] ??= '';
}

export function setLeaseDefaults(lease: JsonObject): void {
  lease['spec'] ??= {};
}

export const leaseStrategy: Strategy = {
  ...plainStrategy,
  allowsCreateOnUpdate: true,
  allowsUnconditionalUpdate: false,
  validate(lease) {
    const duration = getPath(lease, ['spec', 'leaseDurationSeconds']);
    if (typeof duration !== 'number' || duration > 0) return [];
    return [invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0')];
  },
};

export const disruptionBudgetStrategy: Strategy = {
  ...statusStrategy,
  generation: 'spec',
  allowsUnconditionalUpdate: false,
  validate({ spec }) {
    if (spec?.['minAvailable'] === undefined || spec['maxUnavailable'] === undefined) return [];
    const detail = 'minAvailable and maxUnavailable cannot be both set';
    return [invalidValue('spec', spec, detail)];
  },
};

export const secretFields: SelectableFields = { type: (secret) => getText(secret, 'type') };

export const secretStrategy: Strategy = {
  ...plainStrategy,
  prepareForCreate: mergeStringData,
  prepareForUpdate: mergeStringData,
  validateUpdate: (secret, old) => [
    ...validateImmutable(secret, old),
    ...(jsonEqual(secret['type'], old['type'])
      ? []
      : [invalidValue('type', secret['type'], 'field is immutable')]),
  ],
};

export const configMapStrategy: Strategy = { ...plainStrategy, validateUpdate: validateImmutable };

/** `stringData` is for writing only. */
function mergeStringData(secret: ApiObject): void {
  const { stringData, data, ...rest } = secret as ApiObject & { data?: JsonObject };
  if (!isObject(stringData)) return;
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  delete secret['stringData'];
  Object.assign(secret, rest, { data: { ...data, ...Object.fromEntries(encoded) } });
}

function validateImmutable(object: ApiObject, old: ApiObject): FieldError[] {
  if (old['immutable'] !== true) return [];
  return ['data', 'binaryData', 'immutable']
    .filter((field) => !jsonEqual(object[field], old[field]))
    .map((field) => forbiddenField(field, 'field is immutable when `immutable` is set'));
}

export function setSecretDefaults(secret: JsonObject): void {
  secret['type'] ??= 'Opaque';
}

export const priorityClassStrategy: Strategy = {
  ...plainStrategy,
  validateUpdate(object, old) {
    if (object['value'] === old['value']) return [];
    return [forbiddenField('value', 'may not be changed in an update.')];
  },
};

export function setPriorityClassDefaults(object: JsonObject): void {
  object['value'] ??= 0;
  object['preemptionPolicy'] ??= 'PreemptLowerPriority';
}

export function setServiceDefaults(service: JsonObject): void {
  const { spec } = service;
  if (!isObject(spec)) return;
  spec['type'] ??= 'ClusterIP';
  spec['sessionAffinity'] ??= 'None';
  const { ports } = spec;
  if (!Array.isArray(ports)) return;
  for (const port of ports) {
    if (!isObject(port)) continue;
    port['protocol'] ??= 'TCP';
    port['targetPort'] ??= port['port'] ?? 0;
  }
}

/** RBAC names are those of URLs: `system:node`. */
export const rbacStrategy: Strategy = {
  ...plainStrategy,
  nameRule: 'path',
  allowsCreateOnUpdate: true,
};

export const roleBindingStrategy: Strategy = {
  ...rbacStrategy,
  validate: (object) =>
    getText(object, 'roleRef', 'name') === '' ? [required('roleRef.name')] : [],
  validateUpdate(object, old) {
    if (jsonEqual(object['roleRef'], old['roleRef'])) return [];
    return [invalidValue('roleRef', object['roleRef'], 'cannot change roleRef')];
  },
};

export function setRoleBindingDefaults(binding: JsonObject): void {
  const { roleRef, subjects } = binding;
  const rbac = 'rbac.authorization.k8s.io';
  if (isObject(roleRef)) roleRef['apiGroup'] ??= rbac;
  if (!Array.isArray(subjects)) return;
  for (const subject of subjects) {
    if (isObject(subject) && subject['kind'] !== 'ServiceAccount') subject['apiGroup'] ??= rbac;
  }
}
