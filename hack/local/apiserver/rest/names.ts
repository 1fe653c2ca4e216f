/** Rules for names, labels and annotations (k8s.io/apimachinery/pkg/util/validation). */
import type { FieldError } from '../field-error.ts';
import { forbiddenField, invalidValue, required } from '../field-error.ts';
import type { ResourceDefinition, Strategy } from '../kinds/definition.ts';
import type { ApiObject } from '../object.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const subdomain = `${label}(\\.${label})*`;
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const labelValue = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';

const patterns = {
  label: new RegExp(`^${label}$`),
  subdomain: new RegExp(`^${subdomain}$`),
  qualifiedPart: new RegExp(`^${qualifiedPart}$`),
  labelValue: new RegExp(`^${labelValue}$`),
};

const annotationsLimit = 256 * 1024;

const subdomainMessage = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${subdomain}')`;
const labelMessage = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;
const qualifiedMessage = `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${qualifiedPart}')`;
const labelValueMessage = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${labelValue}')`;

/** What is wrong with a name, if anything. */
export function nameProblems(name: string, rule: Strategy['nameRule']): string[] {
  if (rule === 'label') return problems(name, 63, patterns.label, labelMessage);
  if (rule === 'subdomain') return problems(name, 253, patterns.subdomain, subdomainMessage);
  return /[/%]|^\.\.?$/.test(name) ? ["may not contain '/' or '%', nor be '.' or '..'"] : [];
}

export function isLabelName(name: string): boolean {
  return nameProblems(name, 'label').length === 0;
}

/** Checks the metadata of a new or changed object. */
export function validateMetadata(
  object: ApiObject,
  { strategy, isCustom }: Pick<ResourceDefinition, 'strategy' | 'isCustom'>,
): FieldError[] {
  const { nameRule: rule } = strategy;
  const { name = '', generateName = '', labels, annotations } = object.metadata;
  if (name === '') return [required('metadata.name', 'name or generateName is required')];
  const prefix = generateName.replace(/-$/, 'a'); // what follows ends it
  const errors = [
    ...(prefix === '' ? [] : nameProblems(prefix, rule)).map((why) =>
      invalidValue('metadata.generateName', generateName, why),
    ),
    ...nameProblems(name, rule).map((why) => invalidValue('metadata.name', name, why)),
  ];
  errors.push(...validateLabels(labels ?? {}, 'metadata.labels'));
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...validateQualifiedName(key.toLowerCase(), 'metadata.annotations'));
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > annotationsLimit) {
    const detail = `may not be more than ${annotationsLimit} bytes`;
    errors.push({ reason: 'FieldValueTooLong', field: 'metadata.annotations', detail });
  }
  return [...errors, ...validateFinalizers(object, isCustom), ...validateOwners(object)];
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Finalizers of built-in kinds say whose they are. */
function validateFinalizers({ metadata }: ApiObject, isCustom: boolean): FieldError[] {
  const field = 'metadata.finalizers';
  return (metadata.finalizers ?? []).flatMap((finalizer, index) => {
    const errors = validateQualifiedName(finalizer, field);
    if (isCustom || finalizer.includes('/') || standardFinalizers.includes(finalizer))
      return errors;
    const why = 'name is neither a standard finalizer name nor is it fully qualified';
    return [...errors, invalidValue(`${field}[${index}]`, finalizer, why)];
  });
}

/** Finalizers may only go once the object is being deleted. */
export function validateMetadataUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  const { uid } = object.metadata;
  return [
    ...(uid === old.metadata.uid ? [] : [invalidValue('metadata.uid', uid, 'field is immutable')]),
    ...validateFinalizersUpdate(object, old),
  ];
}

function validateFinalizersUpdate(object: ApiObject, old: ApiObject): FieldError[] {
  if (old.metadata.deletionTimestamp === undefined) return [];
  const before = new Set(old.metadata.finalizers);
  const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [forbiddenField('metadata.finalizers', detail)];
}

export function validateLabels(labels: Record<string, string>, field: string): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...validateQualifiedName(key, field),
    ...problems(value, 63, patterns.labelValue, labelValueMessage).map((why) =>
      invalidValue(field, value, why),
    ),
  ]);
}

/** `name` or `prefix/name`, as keys of labels, annotations and taints are. */
export function validateQualifiedName(key: string, field: string): FieldError[] {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  const found: string[] = [];
  if (parts.length > 1) {
    found.push(
      `a qualified name ${qualifiedMessage.slice('name part '.length)} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    );
  } else if (parts[0] !== undefined) {
    const prefix = parts[0];
    if (prefix === '') found.push('prefix part must be non-empty');
    else {
      const wrong = problems(prefix, 253, patterns.subdomain, subdomainMessage);
      found.push(...wrong.map((why) => `prefix part ${why}`));
    }
  }
  if (name === '') found.push('name part must be non-empty');
  else if (name.length > 63) found.push('name part must be no more than 63 characters');
  if (!patterns.qualifiedPart.test(name)) found.push(qualifiedMessage);
  return found.map((why) => invalidValue(field, key, why));
}

const ownerMembers = ['apiVersion', 'kind', 'name', 'uid'] as const;

function validateOwners({ metadata }: ApiObject): FieldError[] {
  const errors: FieldError[] = [];
  const owners = metadata.ownerReferences ?? [];
  const field = 'metadata.ownerReferences'; // the real server does not say which
  for (const owner of owners) {
    for (const member of ownerMembers) {
      if (!owner[member]) {
        const detail = `${member === 'apiVersion' ? 'version' : member} must not be empty`;
        errors.push(invalidValue(`${field}.${member}`, owner[member] ?? '', detail));
      }
    }
  }
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    const names = controllers.map((owner) => owner.name).join(' and ');
    const detail = `Only one reference can have Controller set to true. Found "true" in references for ${names}`;
    errors.push(invalidValue(field, controllers.length, detail));
  }
  return errors;
}

function problems(value: string, limit: number, pattern: RegExp, message: string): string[] {
  const found = value.length > limit ? [`must be no more than ${limit} characters`] : [];
  if (!pattern.test(value)) found.push(message);
  return found;
}
