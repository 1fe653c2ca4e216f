import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import { invalidValue } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import { cloneJson, view } from '../object.ts';
import { applyJsonPatch } from '../patch/json.ts';
import { applyMergePatch } from '../patch/merge.ts';
import { applyStrategicPatch } from '../patch/strategic.ts';
import { badRequest, invalid, notFound, unsupportedMediaType } from '../status.ts';
import { keyOf } from '../storage/store.ts';
import type { Stored } from '../storage/stored.ts';
import type { Operation } from './operation.ts';
import { asStored, decodeOr, groupVersionOf, reportUnknown, wrongType } from './operation.ts';
import { nameless, replaceObject } from './update.ts';

const jsonPatch = 'application/json-patch+json';
const mergePatch = 'application/merge-patch+json';
const strategicPatch = 'application/strategic-merge-patch+json';

/** PATCH of an object or of its status. */
export async function patchObject(
  operation: Operation,
  contentType: string,
  readPatch: () => unknown,
  subresource: '' | 'status',
): Promise<Stored> {
  const { resource, version } = operation;
  const key = keyOf(operation.namespace, operation.name);
  const old = resource.store.get(key);
  if (old === undefined) throw notFound(resource.definition, operation.name);
  const base = view<JsonObject>(cloneJson(old.as(groupVersionOf(operation)).object));
  // Read anew for each attempt: parts of it become parts of the object.
  const patch = readPatch();
  const patched = await applyPatch(operation, contentType, base, patch);
  const word = (text: string): Error =>
    invalid({ group: '', kind: '' }, '', [invalidValue('patch', patch, text)]);
  const typeError = typeErrorOf(operation, patched);
  if (typeError !== undefined && !resource.definition.isCustom) throw word(typeError.message);
  checkIdentity(operation, patched);
  if (typeError !== undefined) throw typeError;
  const { object, unknownFields } = decodeOr(version.codec, patched, (error) =>
    word(error.message),
  );
  reportUnknown(operation, unknownFields, (text) => word(`strict decoding error: ${text}`));
  // A JSON patch lets others run while its library loads: look again.
  const latest = resource.store.get(key);
  if (latest === undefined) throw notFound(resource.definition, operation.name);
  if (latest !== old) return patchObject(operation, contentType, readPatch, subresource);
  return replaceObject(operation, old, asStored(operation, object), subresource);
}

/** Applies a patch of the given media type; changes `base`. Throws 415 for types not accepted here. */
export async function applyPatch(
  { version }: Pick<Operation, 'version'>,
  contentType: string,
  base: JsonObject,
  patch: unknown,
): Promise<JsonObject> {
  const { codec } = version;
  const accepted = [
    jsonPatch,
    mergePatch,
    ...(codec.acceptsStrategicPatch ? [strategicPatch] : []),
  ];
  if (!accepted.includes(contentType)) throw unsupportedMediaType(accepted);
  if (contentType === jsonPatch) return applyJsonPatch(base, patch);
  if (!isObject(patch)) {
    throw badRequest(
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    );
  }
  if (contentType === mergePatch) return applyMergePatch(base, patch);
  return applyStrategicPatch(base, patch, codec.schema);
}

/** What is wrong when a patch has turned an object into one of another kind or version. */
function typeErrorOf(operation: Operation, patched: JsonObject): Error | undefined {
  const { kind } = operation.resource.definition;
  const isSame = patched['kind'] === kind && patched['apiVersion'] === groupVersionOf(operation);
  return isSame ? undefined : wrongType(operation, patched);
}

/** A patch cannot turn an object into another one. */
function checkIdentity({ name, namespace }: Operation, patched: JsonObject): void {
  const { metadata } = view<Partial<ApiObject>>(patched);
  if (!metadata?.name) throw nameless(name);
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if ((metadata.namespace ?? '') !== namespace) {
    throw badRequest(
      `the namespace of the object (${metadata.namespace ?? ''}) does not match the namespace on the request (${namespace})`,
    );
  }
}
