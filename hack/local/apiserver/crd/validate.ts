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
  if (value === null && schema.nullable === true) return [];
  const typeError = validateType(schema, value, path);
  if (typeError) return [typeError];
  const errors = validateCombinations(schema, value, path);
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

function validateType(schema: Schema, value: unknown, path: string): FieldError | undefined {
  const found = typeOf(value);
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (found === 'integer' || found === 'string') return undefined;
    return wrongType(path, 'integer,string', found);
  }
  const { type } = schema;
  if (type === undefined || type === found) return undefined;
  if (type === 'number' && found === 'integer') return undefined;
  return wrongType(path, type, found);
}

function wrongType(path: string, wanted: string, found: string): FieldError {
  return invalidType(path, found, `${path} in body must be of type ${wanted}: "${found}"`);
}

function validateString(schema: Schema, value: string, path: string): FieldError[] {
  const { minLength = 0, maxLength, pattern, format } = schema;
  const errors: FieldError[] = [];
  const length = codePoints(value);
  if (maxLength !== undefined && length > maxLength) errors.push(tooLong(path, maxLength));
  if (length < minLength) {
    errors.push(
      invalidValue(path, value, `${path} in body should be at least ${minLength} chars long`),
    );
  }
  if (pattern !== undefined && compilePattern(pattern)?.test(value) === false) {
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
      errors.push(...validateSchema(items, item, `${path}[${index}]`));
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
    errors.push(invalidValue(path, size, detail));
  }
  if (maxProperties !== undefined && size > maxProperties) {
    errors.push(tooMany(path, size, maxProperties));
  }
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    const known = Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (typeof known === 'object') errors.push(...validateSchema(known, member, child(name)));
    else if (known === false) {
      const detail = `${child(name)} in body is a forbidden property`;
      errors.push(invalidValue(child(name), '', detail));
    }
  }
  return errors;
}

function validateCombinations(schema: Schema, value: unknown, path: string): FieldError[] {
  const { allOf = [], anyOf = [], oneOf = [], not } = schema;
  const isValid = (branch: Schema): boolean => validateSchema(branch, value, path).length === 0;
  const fail = (rule: string): FieldError =>
    invalidValue(
      path,
      isObject(value) || Array.isArray(value) ? '' : value,
      `${path} in body ${rule}`,
    );
  const errors: FieldError[] = [];
  // The two branches that describe an int-or-string are checked by type already.
  if (anyOf.length > 0 && schema['x-kubernetes-int-or-string'] !== true && !anyOf.some(isValid)) {
    errors.push(fail('must validate at least one schema (anyOf)'));
  }
  const matching = oneOf.filter(isValid).length;
  if (oneOf.length > 0 && matching !== 1) {
    const found = matching === 0 ? 'Found none valid' : `Found ${matching} valid alternatives`;
    errors.push(fail(`must validate one and only one schema (oneOf). ${found}`));
  }
  for (const branch of allOf) errors.push(...validateSchema(branch, value, path));
  if (not && isValid(not)) errors.push(fail('must not validate the schema (not)'));
  return errors;
}
