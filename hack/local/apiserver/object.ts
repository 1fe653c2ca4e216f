import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { KubernetesObject } from '#api/meta.ts';

/** An object as it is stored and sent. Stored ones are shared: never change one, clone it. */
export interface ApiObject extends KubernetesObject {
  spec?: JsonObject;
  status?: JsonObject;
  [field: string]: unknown;
}

/**
 * Looks at a value as what it is known to be: whatever is stored was read by its kind's schema
 * before. The one place where that knowledge is asserted, and so the one exception to these rules.
 */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function view<T>(value: unknown): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return value as T;
}

/** A deep copy of plain JSON; several times faster than `structuredClone`. */
export function cloneJson<T>(value: T): T;
export function cloneJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => cloneJson(item));
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) copy[key] = cloneJson(value[key]);
  return copy;
}

/** Deep equality of plain JSON; a member that is `undefined` counts as absent. */
export function jsonEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => jsonEqual(item, right[index]));
  }
  if (!isObject(left) || !isObject(right)) return false;
  for (const key of Object.keys(left)) {
    if (!jsonEqual(left[key], right[key])) return false;
  }
  for (const key of Object.keys(right)) {
    if (left[key] === undefined && right[key] !== undefined) return false;
  }
  return true;
}

/**
 * `next` with every part that equals its counterpart in `old` replaced by that; `old` itself when
 * nothing differs. Versions of an object so share what did not change.
 */
export function shareUnchanged<T>(old: T, next: T): T;
export function shareUnchanged(old: unknown, next: unknown): unknown {
  if (Array.isArray(old) && Array.isArray(next)) {
    const shared = next.map((item, index): unknown => shareUnchanged(old[index], item));
    const isSame = old.length === next.length && shared.every((item, index) => item === old[index]);
    return isSame ? old : shared;
  }
  if (!isObject(old) || !isObject(next)) return old === next ? old : next;
  const shared: JsonObject = {};
  let isSame = true;
  for (const key of Object.keys(next)) {
    shared[key] = shareUnchanged(old[key], next[key]);
    if (shared[key] !== old[key]) isSame = false;
  }
  return isSame && Object.keys(old).every((key) => key in next) ? old : shared;
}

/** The value at a path of member names, `undefined` where the path ends early. */
export function getPath(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const member of path) {
    if (!isObject(current)) return undefined;
    current = current[member];
  }
  return current;
}

/** `getPath` for what is text or absent, as field selectors and printer columns read it. */
export function getText(value: unknown, ...path: string[]): string {
  const found = getPath(value, path);
  return typeof found === 'string' ? found : '';
}

/** Sets the value at a path and creates the objects on the way. */
export function setPath(target: JsonObject, path: readonly string[], value: unknown): void {
  let current = target;
  for (const member of path.slice(0, -1)) {
    const next = current[member];
    current = isObject(next) ? next : (current[member] = {});
  }
  current[path.at(-1) ?? ''] = value;
}
