import { randomInt, randomUUID } from 'node:crypto';
import type { JsonObject } from '#api/json.ts';
import { timestamp } from '#api/timestamp.ts';
import { admitToNamespace } from '../kinds/namespace.ts';
import type { ApiObject } from '../object.ts';
import { alreadyExists, badRequest, methodNotAllowed, StatusError } from '../status.ts';
import { keyOf } from '../storage/store.ts';
import { Stored } from '../storage/stored.ts';
import { validateMetadata } from './names.ts';
import type { Operation } from './operation.ts';
import { decodeBody, throwIfInvalid } from './operation.ts';

/** POST to a collection. */
export function createObject(operation: Operation, body: JsonObject): Stored {
  const draft = decodeBody(operation, body);
  if (operation.resource.isTerminating) throw methodNotAllowed();
  matchNamespace(operation, draft);
  if (draft.metadata.resourceVersion !== undefined && draft.metadata.resourceVersion !== '0') {
    const message = 'resourceVersion should not be set on objects to be created';
    throw new StatusError(500, '', message);
  }
  return storeNew(operation, draft);
}

/** Completes, admits, checks and stores a decoded object. */
export function storeNew(operation: Operation, draft: ApiObject): Stored {
  const { resource, cluster, version } = operation;
  const { strategy } = resource.definition;
  prepareMetadata(operation, draft);
  if (resource.definition.namespaced)
    admitToNamespace(cluster, resource.definition, draft.metadata);
  strategy.prepareForCreate(draft, cluster);
  strategy.admit(draft, cluster);
  const name = draft.metadata.name ?? '';
  throwIfInvalid(operation, name, [
    ...validateMetadata(draft, resource.definition),
    ...version.codec.validate(draft),
    ...strategy.validate(draft),
  ]);
  if (resource.store.get(keyOf(operation.namespace, name))) {
    throw alreadyExists(resource.definition, name);
  }
  return operation.isDryRun ? new Stored(draft, 0) : resource.store.put(draft);
}

/** The namespace of the URL wins; another one in the body is a mistake. */
export function matchNamespace({ namespace }: Operation, { metadata }: ApiObject): void {
  if (metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (namespace !== '') metadata.namespace = namespace;
}

function prepareMetadata({ resource, clock, namespace }: Operation, { metadata }: ApiObject): void {
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timestamp(clock.now());
  if (resource.definition.strategy.generation !== 'none') metadata.generation = 1;
  const { generateName = '', name = '' } = metadata;
  if (name !== '' || generateName === '') return;
  do metadata.name = generatedName(generateName);
  while (resource.store.get(keyOf(namespace, metadata.name)));
}

/** Without vowels and look-alikes, as in k8s.io/apimachinery/pkg/util/rand. */
const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
const suffixLength = 5;
const longestPrefix = 63 - suffixLength;

function generatedName(prefix: string): string {
  const suffix = Array.from({ length: suffixLength }, () => alphabet[randomInt(alphabet.length)]);
  return `${prefix.slice(0, longestPrefix)}${suffix.join('')}`;
}
