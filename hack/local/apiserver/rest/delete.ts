import type { JsonObject } from '#api/json.ts';
import { timestamp } from '#api/timestamp.ts';
import { invalidValue } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import type { StatusObject } from '../status.ts';
import { conflict, invalid, notFound, StatusError, success } from '../status.ts';
import { keyOf, keyOfObject } from '../storage/store.ts';
import { Stored } from '../storage/stored.ts';
import type { Operation } from './operation.ts';

/** `meta/v1 DeleteOptions`, from the body or the query. */
export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: string;
  orphanDependents?: boolean;
  preconditions?: { uid?: string; resourceVersion?: string };
  /** `['All']`: decide everything, store nothing. */
  dryRun?: string[];
}

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

/** Query parameters count only when the body has no options, as in kube-apiserver. */
export function parseDeleteOptions(
  body: JsonObject | undefined,
  query: URLSearchParams,
): DeleteOptions {
  const { kind, apiVersion, ...options } = (body ?? {}) as DeleteOptions & KindAndVersion;
  if (kind !== undefined && kind !== 'DeleteOptions') {
    throw new StatusError(500, '', `no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  if (Object.keys(options).length > 0) return checked(options);
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = query.get('orphanDependents');
  return checked({
    ...(grace !== null && { gracePeriodSeconds: Number(grace) }),
    ...(policy !== null && { propagationPolicy: policy }),
    ...(orphan !== null && { orphanDependents: orphan === 'true' }),
  });
}

interface KindAndVersion {
  kind?: string;
  apiVersion?: string;
}

const policies = ['Foreground', 'Background', 'Orphan'];

function checked(options: DeleteOptions): DeleteOptions {
  const { propagationPolicy, orphanDependents } = options;
  if (propagationPolicy === undefined) return options;
  const kind = { group: 'meta.k8s.io', kind: 'DeleteOptions' };
  if (orphanDependents !== undefined) {
    const detail = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalid(kind, '', [invalidValue('propagationPolicy', propagationPolicy, detail)]);
  }
  if (!policies.includes(propagationPolicy)) {
    const list = policies.map((policy) => `"${policy}"`).join(', ');
    throw invalid(kind, '', [
      {
        reason: 'FieldValueNotSupported',
        field: 'propagationPolicy',
        value: JSON.stringify(propagationPolicy),
        detail: `supported values: ${list}, "nil"`,
      },
    ]);
  }
  return options;
}

/** DELETE of one object: the object while it lingers, a Status (for some kinds the object) at its end. */
export function deleteObject(operation: Operation, options: DeleteOptions): Stored | StatusObject {
  const { resource, name } = operation;
  const stored = resource.store.get(keyOf(operation.namespace, name));
  if (stored === undefined) throw notFound(resource.definition, name);
  return deleteStored(operation, stored, options);
}

/**
 * Begins, shortens or completes a deletion (k8s.io/apiserver/pkg/registry/rest.BeforeDelete and
 * registry.Store.Delete).
 */
export function deleteStored(
  operation: Operation,
  stored: Stored,
  options: DeleteOptions,
): Stored | StatusObject {
  const { resource } = operation;
  const isDryRun = operation.isDryRun || (options.dryRun ?? []).length > 0;
  const { strategy } = resource.definition;
  checkPreconditions(operation, stored.object, options);
  if (isPending(stored.object.metadata, options)) {
    const isGraceful = strategy.gracePeriod(stored.object, undefined) !== undefined;
    return isGraceful ? answer(operation, stored) : stored;
  }

  const isFirst = stored.object.metadata.deletionTimestamp === undefined;
  const grace = isFirst
    ? strategy.gracePeriod(stored.object, options.gracePeriodSeconds)
    : options.gracePeriodSeconds;
  const draft = { ...stored.object, metadata: { ...stored.object.metadata } };
  setFinalizers(draft.metadata, options);
  if (isFirst) strategy.prepareForDelete(draft);
  const isHeld = (draft.metadata.finalizers ?? []).length > 0 || strategy.isHeld(draft);
  // Nothing to wait for and no grace periods: the object goes without being marked first.
  if (grace === undefined && !isHeld) {
    return isDryRun ? answer(operation, stored) : remove(operation, stored);
  }
  markDeleting(operation, draft.metadata, grace ?? 0);
  if (isDryRun) return new Stored(draft, stored.version);
  const marked = resource.store.put(draft);
  return isHeld || (grace ?? 0) > 0 ? marked : remove(operation, marked);
}

/** Once a deletion is under way only a shorter grace period changes anything. */
function isPending(
  { deletionTimestamp, deletionGracePeriodSeconds }: Metadata,
  options: DeleteOptions,
): boolean {
  if (deletionTimestamp === undefined) return false;
  const { gracePeriodSeconds } = options;
  return (
    gracePeriodSeconds === undefined || gracePeriodSeconds >= (deletionGracePeriodSeconds ?? 0)
  );
}

function remove(operation: Operation, stored: Stored): Stored | StatusObject {
  const final = operation.resource.store.delete(keyOfObject(stored.object), stored.object);
  return answer(operation, final);
}

function answer({ resource }: Operation, stored: Stored): Stored | StatusObject {
  const { group, plural, strategy } = resource.definition;
  if (strategy.returnsDeleted) return stored;
  const { name = '', uid = '' } = stored.object.metadata;
  return success({ details: { name, ...(group !== '' && { group }), kind: plural, uid } });
}

type Metadata = ApiObject['metadata'];

function markDeleting({ clock }: Operation, metadata: Metadata, grace: number): void {
  const isFirst = metadata.deletionTimestamp === undefined;
  const origin = isFirst
    ? clock.now()
    : Date.parse(metadata.deletionTimestamp ?? '') -
      (metadata.deletionGracePeriodSeconds ?? 0) * 1000;
  metadata.deletionTimestamp = timestamp(origin + grace * 1000);
  metadata.deletionGracePeriodSeconds = grace;
  if (isFirst && metadata.generation !== undefined) metadata.generation += 1;
}

/** Finalizers that hand the dependents to the garbage collector. */
function setFinalizers(metadata: Metadata, options: DeleteOptions): void {
  const policy = policyOf(options);
  if (policy === undefined) return;
  const after = (metadata.finalizers ?? []).filter(
    (item) => item !== foregroundFinalizer && item !== orphanFinalizer,
  );
  if (policy === 'Foreground') after.push(foregroundFinalizer);
  if (policy === 'Orphan') after.push(orphanFinalizer);
  if (after.length === 0) delete metadata.finalizers;
  else metadata.finalizers = after;
}

function policyOf({ propagationPolicy, orphanDependents }: DeleteOptions): string | undefined {
  if (orphanDependents === undefined) return propagationPolicy;
  return orphanDependents ? 'Orphan' : 'Background';
}

function checkPreconditions(
  { resource }: Operation,
  { metadata }: ApiObject,
  { preconditions }: DeleteOptions,
): void {
  const { uid, resourceVersion } = preconditions ?? {};
  const { name = '' } = metadata;
  const { group, kind } = resource.definition;
  const what = { group, plural: kind }; // as rest.BeforeDelete words it
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid ?? ''}). The object might have been deleted and then recreated`;
    throw conflict(what, name, why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion ?? ''}). The object might have been modified`;
    throw conflict(what, name, why);
  }
}
