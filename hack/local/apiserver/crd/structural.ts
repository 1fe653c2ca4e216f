/**
 * What makes a schema structural, checked when a CustomResourceDefinition is stored
 * (apiextensions-apiserver/pkg/apiserver/schema/validation.go).
 */
import { isObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import { forbiddenField, invalidValue, required } from '../field-error.ts';
import { cloneJson } from '../object.ts';
import type { Schema } from '../schema/types.ts';
import { prune } from './prune.ts';
import { compilePattern } from './regular-expression.ts';
import { validateSchema } from './validate.ts';

/** `path` is that of the root schema, which describes a whole object. */
export function validateStructural(root: Schema, path: string): FieldError[] {
  if (root.type === undefined) return [required(`${path}.type`, 'must not be empty at the root')];
  if (root.type !== 'object') {
    return [invalidValue(`${path}.type`, root.type, 'must be object at the root')];
  }
  return validateNode(root, path);
}

function validateNode(schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [...validatePattern(schema, path), ...validateDefault(schema, path)];
  const { properties, additionalProperties, items } = schema;
  if (properties && additionalProperties !== undefined) {
    const detail = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbiddenField(`${path}.additionalProperties`, detail));
  }
  if (schema.uniqueItems === true) {
    const detail =
      'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbiddenField(`${path}.uniqueItems`, detail));
  }
  if (schema.type === 'array' && items === undefined) {
    errors.push(required(`${path}.items`, 'must be specified'));
  }
  for (const [name, member] of Object.entries(properties ?? {})) {
    errors.push(...validateChild(member, `${path}.properties[${name}]`, 'object fields'));
  }
  if (isObject(additionalProperties)) {
    const inner = `${path}.additionalProperties`;
    errors.push(...validateChild(additionalProperties, inner, 'object fields'));
  }
  if (items) errors.push(...validateChild(items, `${path}.items`, 'array items'));
  return errors;
}

function validateChild(schema: Schema, path: string, what: string): FieldError[] {
  const isTyped =
    schema.type !== undefined ||
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true;
  const errors = isTyped
    ? []
    : [required(`${path}.type`, `must not be empty for specified ${what}`)];
  return [...errors, ...validateNode(schema, path)];
}

function validatePattern({ pattern }: Schema, path: string): FieldError[] {
  if (pattern === undefined || compilePattern(pattern) !== undefined) return [];
  const detail = 'must be a valid regular expression, but is not';
  return [invalidValue(`${path}.pattern`, pattern, detail)];
}

/** A default must itself be valid, and hold nothing that would be pruned. */
function validateDefault(schema: Schema, path: string): FieldError[] {
  if (schema.default === undefined) return [];
  const field = `${path}.default`;
  const copy = cloneJson(schema.default);
  if (isObject(copy) && prune(schema, copy, 'part').length > 0) {
    return [invalidValue(field, schema.default, 'must not have unknown fields')];
  }
  return validateSchema(schema, schema.default, field);
}
