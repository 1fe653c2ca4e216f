/**
 * Checks custom resources against OpenAPI v3 schemas, in the words of kube-openapi's validator, so
 * that a message seen here is the message seen on a cluster.
 */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import {
  duplicate,
  invalidType,
  invalidValue,
  notSupported,
  required,
  tooLong,
  tooMany,
} from '../field-error.ts';
import { jsonEqual } from '../object.ts';
import type { Schema } from '../schema/types.ts';
import { hasFormat } from './formats.ts';
import { compilePattern } from './regular-expression.ts';

/** `path` is empty for the whole object; members of it are named without a leading dot. */
export function validateSchema(schema: Schema, value: unknown, path = ''): FieldError[] {
  const seen = new Set<string>(); // branches may find the same; it is told once
  return validateValue(schema, value, path).filter((error) => {
    const identity = JSON.stringify(error);
    return !seen.has(identity) && seen.add(identity);
  });
}

function validateValue(schema: Schema, value: unknown, path: string): FieldError[] {
  if (value === null && schema.nullable === true) return [];
  // A wrong type ends nothing: each rule applies to the values that it is about.
  const errors = [
    ...validateType(schema, value, path),
    ...validateCombinations(schema, value, path),
  ];
  if (schema.enum && !schema.enum.some((allowed) => jsonEqual(allowed, value))) {
    const allowed = schema.enum.map((item) =>
      typeof item === 'string' ? item : JSON.stringify(item),
    );
    errors.push(notSupported(path, value, allowed));
  }
  if (typeof value === 'string') errors.push(...validateString(schema, value, path));
  else if (typeof value === 'number') errors.push(...validateNumber(schema, value, path));
  else if (Array.isArray(value)) errors.push(...validateArray(schema, value, path));
  else if (isObject(value)) errors.push(...validateObject(schema, value, path));
  return errors;
}

/** Kubernetes' name for the type of a value. */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function validateType(schema: Schema, value: unknown, path: string): FieldError[] {
  const found = typeOf(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (found === 'integer' || found === 'string') return [];
    return [wrongType(path, 'integer,string', found)];
  }
  const { type } = schema;
  if (type === undefined || type === found) return [];
  if (type === 'number' && found === 'integer') return [];
  return [wrongType(path, type, found)];
}

function wrongType(path: string, wanted: string, found: string): FieldError {
  return invalidType(path, found, `${path} in body must be of type ${wanted}: "${found}"`);
}

function validateString(schema: Schema, value: string, path: string): FieldError[] {
  const { minLength = 0, maxLength, pattern, format } = schema;
  const errors: FieldError[] = [];
  const length = codePoints(value);
  // Of these only the first is told.
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  else if (length < minLength) {
    errors.push(
      invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`),
    );
  } else if (pattern !== undefined && compilePattern(pattern)?.test(value) === false) {
    errors.push(invalidValue(path, value, `${path} in body should match '${pattern}'`));
  }
  if (format !== undefined && !hasFormat(format, value)) {
    errors.push(invalidValue(path, value, `${path} in body must be of type ${format}: "${value}"`));
  }
  return errors;
}

/** Lengths count code points, as Go's runes. */
function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function validateNumber(schema: Schema, value: number, path: string): FieldError[] {
  const { minimum, maximum, multipleOf } = schema;
  const problems: string[] = [];
  if (minimum !== undefined) {
    const isOutside = schema.exclusiveMinimum === true ? value <= minimum : value < minimum;
    const words = schema.exclusiveMinimum === true ? 'greater than' : 'greater than or equal to';
    if (isOutside) problems.push(`should be ${words} ${minimum}`);
  }
  if (maximum !== undefined) {
    const isOutside = schema.exclusiveMaximum === true ? value >= maximum : value > maximum;
    const words = schema.exclusiveMaximum === true ? 'less than' : 'less than or equal to';
    if (isOutside) problems.push(`should be ${words} ${maximum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    problems.push(`should be a multiple of ${multipleOf}`);
  }
  return problems.map((problem) => invalidValue(path, value, `${path} in body ${problem}`));
}

function validateArray(schema: Schema, value: unknown[], path: string): FieldError[] {
  const { minItems = 0, maxItems, items } = schema;
  const errors: FieldError[] = [];
  if (value.length < minItems) {
    const detail = `${path} in body should have at least ${minItems} items`;
    errors.push(invalidValue(path, value.length, detail));
  }
  if (maxItems !== undefined && value.length > maxItems) {
    errors.push(tooMany(path, value.length, maxItems));
  }
  errors.push(...validateListType(schema, value, path));
  if (items) {
    for (const [index, item] of value.entries()) {
      errors.push(...validateValue(items, item, `${path}[${index}]`));
    }
  }
  return errors;
}

/** Lists that are sets or maps hold each item, or each key, once. */
function validateListType(schema: Schema, value: unknown[], path: string): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== 'set' && listType !== 'map') return [];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const identityOf = (item: unknown): unknown =>
    listType === 'map' && isObject(item)
      ? Object.fromEntries(keys.map((key) => [key, item[key]]))
      : item;
  const seen = new Set<string>();
  return value.flatMap((item, index) => {
    const identity = JSON.stringify(identityOf(item));
    const isRepeated = seen.has(identity);
    seen.add(identity);
    return isRepeated ? [duplicate(`${path}[${index}]`, identityOf(item))] : [];
  });
}

function validateObject(schema: Schema, value: JsonObject, path: string): FieldError[] {
  const { properties = {}, additionalProperties, minProperties = 0, maxProperties } = schema;
  const errors: FieldError[] = [];
  const child = (name: string): string => (path === '' ? name : `${path}.${name}`);
  for (const name of schema.required ?? []) {
    if (value[name] === undefined) errors.push(required(child(name)));
  }
  const size = Object.keys(value).length;
  if (size < minProperties) {
    const detail = `${path} in body should have at least ${minProperties} properties`;
    errors.push(invalidValue(path, minProperties, detail)); // the limit, oddly
  }
  if (maxProperties !== undefined && size > maxProperties) {
    errors.push(tooMany(path, size, maxProperties));
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (typeof known === 'object') errors.push(...validateValue(known, member, child(name)));
    else if (known === false) {
      const detail = `${child(name)} in body is a forbidden property`;
      errors.push(invalidValue(child(name), '', detail));
    }
  }
  return errors;
}

function validateCombinations(schema: Schema, value: unknown, path: string): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const check = (branch: Schema): FieldError[] => validateValue(branch, value, path);
  // Not about one field, says kube-openapi, and so about none.
  const fail = (rule: string): FieldError => invalidValue('<nil>', '', `"${path}" must ${rule}`);
  const errors: FieldError[] = [];
  // The two branches that describe an int-or-string are checked by type already.
  if (anyOf.length > 0 && schema['x-kubernetes-int-or-string'] !== true) {
    const results = anyOf.map(check);
    if (results.every((result) => result.length > 0)) {
      errors.push(fail('validate at least one schema (anyOf)'), ...(results[0] ?? []));
    }
  }
  if (oneOf.length > 0) {
    const results = oneOf.map(check);
    const matching = results.filter((result) => result.length === 0).length;
    const only = 'validate one and only one schema (oneOf).';
    if (matching === 0) errors.push(fail(`${only} Found none valid`), ...(results[0] ?? []));
    if (matching > 1) errors.push(fail(`${only} Found ${matching} valid alternatives`));
  }
  const broken = allOf.map(check).filter((result) => result.length > 0);
  if (broken.length > 0) {
    const none = broken.length === allOf.length ? '. None validated' : '';
    errors.push(fail(`validate all the schemas (allOf)${none}`), ...broken.flat());
  }
  if (not && check(not).length === 0) errors.push(fail('not validate the schema (not)'));
  return errors;
}
