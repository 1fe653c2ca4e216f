import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';

/** RFC 7386: null removes, objects merge, everything else replaces. Changes `target`. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete target[key];
    else target[key] = mergedValue(target[key], value);
  }
  return target;
}

function mergedValue(old: unknown, value: unknown): unknown {
  if (!isObject(value)) return value;
  return applyMergePatch(isObject(old) ? old : {}, value);
}
