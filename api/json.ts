/** What `JSON.parse` gives for `{…}`: fields of any kind, under any name. */
export type JsonObject = Record<string, unknown>;

/** Tells an object from arrays, `null` and everything else that JSON knows. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
