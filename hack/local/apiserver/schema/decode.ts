/**
 * Reads JSON into a built-in type as Go's decoder does: unknown fields are dropped (and reported),
 * null and empty lists and maps vanish, times lose what their format cannot hold, and a value of
 * the wrong type is an error in the words of encoding/json.
 */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { typeNameOf } from './built-in.ts';
import { canonicalQuantity } from './quantity.ts';
import type { BuiltInSchema } from './types.ts';

/** The body cannot be read as the type; the message is the decoder's. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

export interface Decoded<T = JsonObject> {
  object: T;
  /** Paths of fields that the type does not have, e.g. `spec.containers[0].foo`. */
  unknownFields: string[];
}

interface Place {
  /** With list indexes, for unknown fields. */
  readonly path: string;
  /** Without them, for decoder errors. */
  readonly goPath: string;
  /** The model of the innermost struct. */
  readonly struct: string;
}

export function decodeBuiltIn(schema: BuiltInSchema, body: JsonObject): Decoded {
  const unknownFields: string[] = [];
  const root = { path: '', goPath: '', struct: schema.model ?? '' };
  return { object: decodeStruct(schema, body, root, unknownFields), unknownFields };
}

function decodeStruct(
  schema: BuiltInSchema,
  value: JsonObject,
  place: Place,
  unknownFields: string[],
): JsonObject {
  const result: JsonObject = {};
  const properties = schema.properties ?? {};
  const struct = schema.model ?? '';
  for (const name of Object.keys(value)) {
    const path = place.path === '' ? name : `${place.path}.${name}`;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (property === undefined) {
      unknownFields.push(path);
      continue;
    }
    const goPath = place.goPath === '' ? name : `${place.goPath}.${name}`;
    const inner = { path, goPath, struct };
    const decoded = decodeValue(property, value[name], inner, unknownFields);
    if (decoded !== undefined) result[name] = decoded;
  }
  return result;
}

function decodeValue(
  schema: BuiltInSchema,
  value: unknown,
  place: Place,
  unknownFields: string[],
): unknown {
  if (value === null || value === undefined) return undefined;
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return value;
  if (schema['x-kubernetes-int-or-string'] === true) {
    if (typeof value === 'string' || typeof value === 'number') return value;
    throw mismatch(value, schema, place);
  }
  if (schema.type === 'array') {
    if (!Array.isArray(value)) throw mismatch(value, schema, place);
    return decodeList(schema.items ?? {}, value, place, unknownFields);
  }
  if (schema.type === 'object') {
    if (!isObject(value)) throw mismatch(value, schema, place);
    if (schema.properties) return decodeStruct(schema, value, place, unknownFields);
    return decodeMap(schema, value, place, unknownFields);
  }
  return decodeScalar(schema, value, place);
}

function decodeList(
  items: BuiltInSchema,
  value: unknown[],
  place: Place,
  unknownFields: string[],
): unknown[] | undefined {
  if (value.length === 0) return undefined;
  return value.map((item, index) => {
    const inner = { ...place, path: `${place.path}[${index}]` };
    return decodeValue(items, item, inner, unknownFields) ?? null;
  });
}

function decodeMap(
  schema: BuiltInSchema,
  value: JsonObject,
  place: Place,
  unknownFields: string[],
): JsonObject | undefined {
  const items = schema.additionalProperties;
  if (typeof items !== 'object') return value;
  const result: JsonObject = {};
  for (const key of Object.keys(value)) {
    const inner = { ...place, path: `${place.path}.${key}` };
    // A null entry of a map is its type's zero value, which for our maps is the empty string.
    result[key] = decodeValue(items, value[key], inner, unknownFields) ?? '';
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function decodeScalar(schema: BuiltInSchema, value: unknown, place: Place): unknown {
  if (schema.format === 'quantity') {
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw mismatch(value, schema, place);
    }
    return decodeQuantity(String(value));
  }
  if (schema.type === 'integer') {
    if (typeof value !== 'number') throw mismatch(value, schema, place);
    if (!Number.isInteger(value)) throw mismatch(value, schema, place, `number ${value}`);
    return value;
  }
  if (typeof value !== schema.type) throw mismatch(value, schema, place);
  if (typeof value !== 'string') return value;
  if (schema.format === 'date-time') return decodeTime(value);
  if (schema.format === 'micro-time') return decodeMicroTime(value);
  return value;
}

function decodeQuantity(value: string): string {
  const canonical = canonicalQuantity(value);
  if (canonical !== undefined) return canonical;
  throw new DecodeError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

const wholeSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const microseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

function decodeTime(value: string): string {
  return wholeSeconds.test(value) ? value : `${parseTime(value).toISOString().slice(0, 19)}Z`;
}

function decodeMicroTime(value: string): string {
  if (microseconds.test(value)) return value;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  return `${parseTime(value).toISOString().slice(0, 19)}.${micros}Z`;
}

function parseTime(value: string): Date {
  const time = new Date(value);
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) && !isNaN(+time)) {
    return time;
  }
  const layout = '2006-01-02T15:04:05Z07:00';
  const what = JSON.stringify(value);
  throw new DecodeError(`parsing time ${what} as "${layout}": cannot parse ${what} as "2006"`);
}

function mismatch(
  value: unknown,
  schema: BuiltInSchema,
  { goPath, struct }: Place,
  found: string = jsonTypeOf(value),
): DecodeError {
  const where = `Go struct field ${typeNameOf(struct)}.${goPath} of type ${goTypeOf(schema)}`;
  return new DecodeError(`json: cannot unmarshal ${found} into ${where}`);
}

function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

const goTypes = { boolean: 'bool', number: 'float64', string: 'string' } as const;

function goTypeOf({ type, format, items, additionalProperties, model }: BuiltInSchema): string {
  if (type === undefined) return 'intstr.IntOrString';
  if (type === 'array') return `[]${goTypeOf(items ?? {})}`;
  if (type === 'integer') return format ?? 'int64';
  if (type !== 'object') return goTypes[type];
  if (typeof additionalProperties !== 'object') return `v1.${typeNameOf(model ?? 'RawExtension')}`;
  return `map[string]${goTypeOf(additionalProperties)}`;
}
