import type { JsonObject, JsonValue } from '../object.ts';
import { isObject } from '../object.ts';

/** RFC 7386: null removes, objects merge, everything else replaces. Changes `target`. */
export function applyMergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || value === undefined) delete target[key];
    else target[key] = mergedValue(target[key], value);
  }
  return target;
}

function mergedValue(old: JsonValue | undefined, value: JsonValue): JsonValue {
  if (!isObject(value)) return value;
  return applyMergePatch(isObject(old) ? old : {}, value);
}
