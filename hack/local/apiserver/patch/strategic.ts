/**
 * Strategic merge patch: a merge patch that knows which lists are sets or maps and obeys directives
 * (k8s.io/apimachinery/pkg/util/strategicpatch).
 */
import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { jsonEqual } from '../object.ts';
import type { Schema } from '../schema/types.ts';
import { badRequest, StatusError } from '../status.ts';

const directive = '$patch';
const retainKeys = '$retainKeys';
const deletePrefix = '$deleteFromPrimitiveList/';
const orderPrefix = '$setElementOrder/';

/** Changes `target`. Throws 400 and 500 for directives that make no sense. */
export function applyStrategicPatch(
  target: JsonObject,
  patch: JsonObject,
  schema: Schema,
): JsonObject {
  if (patch[directive] === 'replace') return withoutDirectives(patch);
  if (patch[directive] === 'delete') return {};
  if (patch[directive] !== undefined && patch[directive] !== 'merge')
    throw unknown(patch[directive]);
  keepOnly(target, patch[retainKeys]);

  for (const [key, value] of Object.entries(patch)) {
    if (key.startsWith('$')) continue;
    if (value === null || value === undefined) delete target[key];
    else target[key] = patchValue(target[key], value, propertyOf(schema, key));
  }
  for (const [key, value] of Object.entries(patch)) {
    if (!Array.isArray(value)) continue;
    if (key.startsWith(deletePrefix)) removeItems(target, key.slice(deletePrefix.length), value);
    if (key.startsWith(orderPrefix)) {
      const list = key.slice(orderPrefix.length);
      orderItems(target, list, value, propertyOf(schema, list), patch[list]);
    }
  }
  return target;
}

function propertyOf(schema: Schema, key: string): Schema {
  const property = schema.properties?.[key];
  if (property) return property;
  return typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
}

function patchValue(old: unknown, value: unknown, schema: Schema): unknown {
  if (isObject(value)) {
    const isReplaced = schema['x-kubernetes-patch-strategy'] === 'replace';
    return applyStrategicPatch(isObject(old) && !isReplaced ? old : {}, value, schema);
  }
  if (!Array.isArray(value)) return value;
  const isMerged = schema['x-kubernetes-patch-strategy']?.split(',').includes('merge') === true;
  if (!isMerged) return value.filter((item) => !isObject(item) || item[directive] === undefined);
  const oldItems = Array.isArray(old) ? old : [];
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  if (mergeKey === undefined) return union(oldItems, value);
  return patchItems(oldItems, value, mergeKey, schema.items ?? {});
}

/** Items of a list are found by their merge key, patched, removed (`$patch: delete`) or added. */
function patchItems(
  old: unknown[],
  patches: unknown[],
  mergeKey: string,
  schema: Schema,
): unknown[] {
  const isReplaced = patches.some((item) => isObject(item) && item[directive] === 'replace');
  let items = isReplaced ? [] : old;
  for (const patch of patches) {
    if (!isObject(patch)) throw badRequest('expected an object as item of a merging list');
    // `{$patch: replace}` alone only marks the list; the items beside it are the new list.
    if (patch[directive] === 'replace') continue;
    const id = patch[mergeKey];
    if (id === undefined) {
      throw badRequest(
        `map: ${JSON.stringify(patch)} does not contain declared merge key: ${mergeKey}`,
      );
    }
    const isSame = (item: unknown): boolean => isObject(item) && item[mergeKey] === id;
    if (patch[directive] === 'delete') items = items.filter((item) => !isSame(item));
    else items = patchItem(items, patch, isSame, schema);
  }
  return items;
}

function patchItem(
  items: unknown[],
  patch: JsonObject,
  isSame: (item: unknown) => boolean,
  schema: Schema,
): unknown[] {
  const found = items.find(isSame);
  if (!isObject(found)) return [...items, applyStrategicPatch({}, patch, schema)];
  const patched = applyStrategicPatch(found, patch, schema);
  return items.map((item) => (item === found ? patched : item));
}

function union(old: unknown[], added: unknown[]): unknown[] {
  return [...old, ...added.filter((item) => !old.some((other) => jsonEqual(item, other)))];
}

function removeItems(target: JsonObject, key: string, removed: unknown[]): void {
  const list = target[key];
  if (!Array.isArray(list)) return;
  target[key] = list.filter((item) => !removed.some((other) => jsonEqual(item, other)));
}

/**
 * Sorts a list as the client has it. Items that only the server knows keep their place relative to
 * the item they followed.
 */
function orderItems(
  target: JsonObject,
  key: string,
  order: unknown[],
  schema: Schema,
  patched: unknown,
): void {
  const list = target[key];
  if (!Array.isArray(list)) return;
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  const idOf = (item: unknown): unknown =>
    mergeKey !== undefined && isObject(item) ? item[mergeKey] : item;
  const ids = order.map(idOf);
  const positions = list.map((item) => ids.indexOf(idOf(item)));
  if (Array.isArray(patched) && ids.length < patched.filter(isKept).length) {
    throw badRequest(
      `The order in patch list:\n${JSON.stringify(patched)}\n doesn't match ${orderPrefix} list:\n${JSON.stringify(order)}\n`,
    );
  }
  let last = -1;
  const ranked = list.map((item, index) => {
    const position = positions[index] ?? -1;
    if (position >= 0) last = position;
    // A server-only item follows the ordered item before it.
    return { item, rank: position >= 0 ? position : last + 0.5 };
  });
  target[key] = ranked.toSorted((left, right) => left.rank - right.rank).map(({ item }) => item);
}

const isKept = (item: unknown): boolean => !isObject(item) || item[directive] === undefined;

function keepOnly(target: JsonObject, kept: unknown): void {
  if (!Array.isArray(kept)) return;
  for (const key of Object.keys(target)) if (!kept.includes(key)) delete target[key];
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')));
}

function unknown(value: unknown): Error {
  return new StatusError(500, '', `unknown patch type: ${JSON.stringify(value)}`);
}
