import type { JsonObject } from '#api/json.ts';
import { invalidValue } from '../field-error.ts';
import type { Strategy } from '../kinds/definition.ts';
import type { ApiObject } from '../object.ts';
import { jsonEqual, shareUnchanged } from '../object.ts';
import { badRequest, conflict, invalid, notFound, staleVersion, StatusError } from '../status.ts';
import { keyOf, keyOfObject } from '../storage/store.ts';
import { Stored } from '../storage/stored.ts';
import { matchNamespace, storeNew } from './create.ts';
import { validateMetadata, validateMetadataUpdate } from './names.ts';
import type { Operation } from './operation.ts';
import { decodeBody, throwIfInvalid } from './operation.ts';

export interface Written {
  stored: Stored;
  wasCreated: boolean;
}

/** PUT of an object or of its status. */
export function updateObject(
  operation: Operation,
  body: JsonObject,
  subresource: '' | 'status',
): Written {
  const { resource, name } = operation;
  const draft = decodeBody(operation, body);
  matchNamespace(operation, draft);
  if (!draft.metadata.name) throw nameless(name);
  if (draft.metadata.name !== name) {
    throw badRequest(
      `the name of the object (${draft.metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  const old = resource.store.get(keyOf(operation.namespace, name));
  const { strategy } = resource.definition;
  const { uid } = draft.metadata;
  if (uid && uid !== old?.object.metadata.uid) throw wrongUid(operation, uid, old?.object);
  if (old !== undefined) {
    if (!draft.metadata.resourceVersion && !strategy.allowsUnconditionalUpdate) {
      const detail = 'must be specified for an update';
      const error = { ...invalidValue('metadata.resourceVersion', 0, detail), value: '0x0' };
      const { group, plural } = resource.definition;
      throw invalid({ group, kind: plural }, name, [error]); // as kube-apiserver words it
    }
    return { stored: replaceObject(operation, old, draft, subresource), wasCreated: false };
  }
  if (!strategy.allowsCreateOnUpdate || subresource !== '')
    throw notFound(resource.definition, name);
  return { stored: storeNew(operation, draft), wasCreated: true };
}

/**
 * Stores `draft` in place of `old`. Shared by PUT and PATCH: preconditions, what the server owns,
 * what this endpoint may not change, validation; nothing is written when nothing changed.
 */
export function replaceObject(
  operation: Operation,
  old: Stored,
  draft: ApiObject,
  subresource: '' | 'status' | 'finalize',
): Stored {
  const { resource, version } = operation;
  const { definition, store } = resource;
  const { strategy } = definition;
  const { name = '' } = old.object.metadata;
  checkVersion(operation, old.object, draft);
  keepServerFields(draft, old.object);
  if (subresource === 'status') strategy.prepareForStatusUpdate(draft, old.object);
  else if (subresource === '') strategy.prepareForUpdate(draft, old.object);
  setGeneration(draft, old.object, strategy.generation);
  throwIfInvalid(operation, name, [
    ...validateMetadata(draft, resource.definition),
    ...validateMetadataUpdate(draft, old.object),
    ...version.codec.validate(draft),
    ...strategy.validate(draft),
    ...strategy.validateUpdate(draft, old.object),
  ]);
  const next = shareUnchanged(old.object, draft);
  if (next === old.object) return old;
  if (operation.isDryRun) return new Stored(next, old.version);
  return isFinished(next, strategy) ? store.delete(keyOfObject(next), next) : store.put(next);
}

/** The body of a write must name its object, although the URL does. */
export function nameless(name: string): StatusError {
  const what = `the name of the object (${name} based on URL) was undeterminable`;
  return badRequest(`${what}: name must be provided`);
}

/** A PUT names the object it is for: another one under the same name, or none, is a conflict. */
function wrongUid({ resource, name }: Operation, uid: string, found?: ApiObject): Error {
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${found?.metadata.uid ?? ''}`;
  const text = `StorageError: invalid object, Code: 4, Key: ${name}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
  return conflict(resource.definition, name, text);
}

function checkVersion({ resource }: Operation, old: ApiObject, draft: ApiObject): void {
  const { resourceVersion } = draft.metadata;
  if (resourceVersion && !/^\d+$/.test(resourceVersion)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`;
    throw new StatusError(500, '', why);
  }
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw staleVersion(resource.definition, old.metadata.name ?? '');
  }
}

const serverFields = [
  'name',
  'namespace',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
] as const;

function keepServerFields(draft: ApiObject, old: ApiObject): void {
  const metadata: Record<string, unknown> = { ...draft.metadata };
  for (const field of serverFields) {
    if (old.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = old.metadata[field];
  }
  metadata['uid'] ||= old.metadata.uid; // another one is a mistake, which validation finds
  draft.metadata = metadata;
}

function setGeneration(draft: ApiObject, old: ApiObject, counted: Strategy['generation']): void {
  if (counted === 'none') return;
  const { metadata: _, status, ...wanted } = draft;
  const { metadata: __, status: oldStatus, ...had } = old;
  const isStatusChanged = counted === 'everything' && !jsonEqual(status, oldStatus);
  if (isStatusChanged || !jsonEqual(wanted, had)) {
    draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
}

/** An object that is being deleted goes with its last finalizer and its grace period. */
function isFinished(draft: ApiObject, strategy: Strategy): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = draft.metadata;
  if (deletionTimestamp === undefined) return false;
  return finalizers.length === 0 && deletionGracePeriodSeconds === 0 && !strategy.isHeld(draft);
}
