import { namespaces } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Client } from '#runtime/client/client.ts';
import { ApiError, isAlreadyExists } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { discoverKinds, type PathReader } from './controllers/discovery/discover.ts';
import { FileError, type FileObject } from './objects.ts';

/**
 * Creates the objects in order, or merges them into those that exist. Namespaces that they name and
 * that do not exist are created, so that one file is enough to try something.
 *
 * @throws FileError for the first object that the API server refuses
 */
export async function applyObjects(
  client: Client & PathReader,
  objects: readonly FileObject[],
): Promise<void> {
  let kinds = await kindsById(client);
  const namespacesSeen = new Set<string>();
  for (const { object, source } of objects) {
    const id = idOf(object.apiVersion, object.kind);
    if (!kinds.has(id)) kinds = await kindsById(client); // a CRD before it may have brought it
    const kind = kinds.get(id);
    if (kind === undefined) {
      throw new FileError(`${source}: this cluster has no ${object.kind} in ${object.apiVersion}`);
    }
    const { namespace = 'default' } = object.metadata;
    try {
      if (kind.namespaced && !namespacesSeen.has(namespace)) {
        await ensureNamespace(client, namespace);
        namespacesSeen.add(namespace);
      }
      await applyObject(client, kind, object);
    } catch (error) {
      if (error instanceof ApiError) throw new FileError(`${source}: ${error.message}`);
      throw error;
    }
  }
}

async function applyObject(client: Client, kind: Kind, given: KubernetesObject): Promise<void> {
  const namespace = given.metadata.namespace ?? 'default';
  const object = kind.namespaced ? { ...given, metadata: { ...given.metadata, namespace } } : given;
  try {
    await client.create(kind, object);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    await client.patch(kind, keyOf(object), object);
  }
}

async function ensureNamespace(client: Client, name: string): Promise<void> {
  try {
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

async function kindsById(reader: PathReader): Promise<Map<string, Kind>> {
  const { kinds } = await discoverKinds(reader);
  return new Map(kinds.map((kind) => [idOf(apiVersionOf(kind), kind.kind), kind]));
}

function idOf(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`;
}
