import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { Schema } from '../schema/types.ts';

/** Members that every resource has, whatever its schema says of them. */
const resourceMembers = new Set(['apiVersion', 'kind', 'metadata']);

/**
 * Removes, in place, what a structural schema does not specify, and nulls where null is not
 * allowed. Returns the paths of unknown fields. `part`: not a whole object with its metadata.
 */
export function prune(schema: Schema, object: JsonObject, what: 'resource' | 'part'): string[] {
  const unknown: string[] = [];
  const root = what === 'part' ? schema : { ...schema, 'x-kubernetes-embedded-resource': true };
  pruneObject(root, object, '', unknown);
  return unknown;
}

function pruneValue(schema: Schema, value: unknown, path: string, unknown: string[]): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    for (const [index, item] of value.entries())
      pruneValue(items, item, `${path}[${index}]`, unknown);
  } else if (isObject(value)) {
    pruneObject(schema, value, path, unknown);
  }
}

function pruneObject(schema: Schema, object: JsonObject, path: string, unknown: string[]): void {
  const isResource = schema['x-kubernetes-embedded-resource'] === true;
  for (const [key, value] of Object.entries(object)) {
    const inner = path === '' ? key : `${path}.${key}`;
    const member = memberSchema(schema, key);
    if (isResource && resourceMembers.has(key)) continue;
    if (member === undefined) {
      if (schema['x-kubernetes-preserve-unknown-fields'] === true) continue;
      unknown.push(inner);
      delete object[key];
    } else if (value === null || value === undefined) {
      if (!allowsNull(member)) delete object[key];
    } else {
      pruneValue(member, value, inner, unknown);
    }
  }
}

/** What is known of a member: a schema, `{}` when anything goes, `undefined` when it is unknown. */
function memberSchema(schema: Schema, key: string): Schema | undefined {
  if (schema.properties && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  if (typeof schema.additionalProperties === 'object') return schema.additionalProperties;
  return schema.additionalProperties === true ? anything : undefined;
}

const anything: Schema = { 'x-kubernetes-preserve-unknown-fields': true, nullable: true };

function allowsNull(schema: Schema): boolean {
  return schema.nullable === true;
}
