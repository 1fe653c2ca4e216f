import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { cloneJson } from '../object.ts';
import type { Schema } from '../schema/types.ts';

/** Fills, in place, absent members that have a default, and then the defaults inside those. */
export function setDefaults(schema: Schema, value: unknown): void {
  if (Array.isArray(value)) {
    if (schema.items) for (const item of value) setDefaults(schema.items, item);
  } else if (isObject(value)) {
    setMemberDefaults(schema, value);
  }
}

function setMemberDefaults(schema: Schema, object: JsonObject): void {
  const { properties = {}, additionalProperties } = schema;
  for (const [key, member] of Object.entries(properties)) {
    if (member.default !== undefined) object[key] ??= cloneJson(member.default);
    setDefaults(member, object[key]);
  }
  if (typeof additionalProperties !== 'object') return;
  for (const [key, value] of Object.entries(object)) {
    if (!Object.hasOwn(properties, key)) setDefaults(additionalProperties, value);
  }
}
