import type { JsonObject } from '#api/json.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { badRequest, notFound } from '../../status.ts';
import { keyOf } from '../../storage/store.ts';
import type { Stored } from '../../storage/stored.ts';
import type { Operation } from '../operation.ts';
import { decodeBody } from '../operation.ts';
import { replaceObject } from '../update.ts';

/** PUT to `namespaces/NAME/finalize`: the one way to change a namespace's `spec.finalizers`. */
export function finalizeNamespace(operation: Operation, body: JsonObject): Stored {
  const { resource, name } = operation;
  const old = resource.store.get(keyOf('', name));
  if (old === undefined) throw notFound(resource.definition, name);
  const wanted = decodeBody(operation, body);
  if ((wanted.metadata.name ?? name) !== name) {
    throw badRequest(
      `the name of the object (${wanted.metadata.name ?? ''}) does not match the name on the URL (${name})`,
    );
  }
  const finalizers = wanted.spec?.['finalizers'];
  const draft = {
    ...old.object,
    metadata: { ...old.object.metadata, ...preconditionsOf(wanted.metadata) },
    spec: finalizers === undefined ? {} : { finalizers },
  };
  return replaceObject(operation, old, draft, 'finalize');
}

function preconditionsOf({ uid, resourceVersion }: ObjectMeta): Partial<ObjectMeta> {
  return {
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}
