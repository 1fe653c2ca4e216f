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

  const original = { ...target };
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
      const before = original[list];
      orderItems(
        target,
        list,
        { order: value, before, patched: patch[list] },
        propertyOf(schema, list),
      );
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
  const mentioned: unknown[] = [];
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
    else {
      items = patchItem(items, patch, isSame, schema);
      mentioned.push(id);
    }
  }
  const idOf = (item: unknown): unknown => (isObject(item) ? item[mergeKey] : item);
  return inOrder(items, mentioned, old.map(idOf), idOf);
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
  const all = [...old, ...added.filter((item) => !old.some((other) => jsonEqual(item, other)))];
  return inOrder(all, added, old, (item) => item);
}

/**
 * Items that the patch mentions come in its order, the others in theirs; between the two the order of
 * the list before the patch decides, and where it knows nothing, the patch goes first.
 */
function inOrder(
  items: unknown[],
  mentioned: unknown[],
  before: unknown[],
  idOf: (item: unknown) => unknown,
): unknown[] {
  const placeIn = (ids: unknown[], item: unknown): number => ids.indexOf(idOf(item));
  const isMentioned = (item: unknown): boolean => placeIn(mentioned, item) >= 0;
  const patched = items
    .filter(isMentioned)
    .toSorted((left, right) => placeIn(mentioned, left) - placeIn(mentioned, right));
  const others = items.filter((item) => !isMentioned(item));
  const result: unknown[] = [];
  while (others.length > 0 && patched.length > 0) {
    const [other, next] = [placeIn(before, others[0]), placeIn(before, patched[0])];
    result.push(other >= 0 && next >= 0 && other < next ? others.shift() : patched.shift());
  }
  return [...result, ...others, ...patched];
}

function removeItems(target: JsonObject, key: string, removed: unknown[]): void {
  const list = target[key];
  if (!Array.isArray(list)) return;
  target[key] = list.filter((item) => !removed.some((other) => jsonEqual(item, other)));
}

interface Order {
  /** The list of the client, as keys or values. */
  order: unknown[];
  /** The list before the patch. */
  before: unknown;
  /** What the patch has for the list. */
  patched: unknown;
}

/** Sorts a list as the client has it. */
function orderItems(
  target: JsonObject,
  key: string,
  { order, before, patched }: Order,
  schema: Schema,
): void {
  const list = target[key];
  if (!Array.isArray(list)) return;
  const mergeKey = schema['x-kubernetes-patch-merge-key'];
  const idOf = (item: unknown): unknown =>
    mergeKey !== undefined && isObject(item) ? item[mergeKey] : item;
  if (Array.isArray(patched) && order.length < patched.filter(isKept).length) {
    throw badRequest(
      `The order in patch list:\n${JSON.stringify(patched)}\n doesn't match ${orderPrefix} list:\n${JSON.stringify(order)}\n`,
    );
  }
  target[key] = inOrder(list, order.map(idOf), Array.isArray(before) ? before.map(idOf) : [], idOf);
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
