import { isObject, type JsonObject } from '#api/json.ts';

/** The patched fields by name; `metadata` is one of them if it changed. */
export type MergePatch = Readonly<JsonObject>;

/**
 * The RFC 7386 merge patch that turns `before` into `after`: only what changed, `null` where a field
 * is gone, arrays whole. `undefined` when nothing changed.
 *
 * A field that is `undefined` counts as absent. A `null` in `after` cannot be told from a removal:
 * Kubernetes treats them alike.
 */
export function mergePatch(before: object, after: object): MergePatch | undefined {
  return objectPatch(asJson(before), asJson(after));
}

function objectPatch(before: JsonObject, after: JsonObject): JsonObject | undefined {
  const patch: JsonObject = {};
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const change = valuePatch(before[name], after[name]);
    if (change !== undefined) patch[name] = change;
  }
  return Object.keys(patch).length === 0 ? undefined : patch;
}

function valuePatch(before: unknown, after: unknown): unknown {
  const wasAbsent = before === undefined || before === null;
  if (after === undefined || after === null) return wasAbsent ? undefined : null;
  // A patch of nothing still creates the object: `{}` differs from an absent field.
  if (isObject(after)) {
    return isObject(before) ? objectPatch(before, after) : (objectPatch({}, after) ?? {});
  }
  return isDeepEqual(before, after) ? undefined : after;
}

/** Whether two JSON values are the same; the order of an object's fields does not matter. */
export function isDeepEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, i) => isDeepEqual(item, other[i]));
  }
  if (!isObject(one) || !isObject(other)) return false;
  return objectPatch(one, other) === undefined;
}

function asJson(value: object): JsonObject {
  return { ...value };
}
