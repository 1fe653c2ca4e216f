/** Reads and writes that do not trust the cache. */
import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isConflict, isNotFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { uidOf } from '../objects/metadata.ts';

const mostAttempts = 5;

/** What the API server has now; `undefined` when it says that there is no such object. */
export async function getIfPresent<T extends KubernetesObject>(
  client: Client,
  kind: Kind<T>,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await client.get(kind, key, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Lets `write` write on what the cache has and, when somebody else wrote meanwhile, on what the API
 * server has now. `write` decides anew each time and may find that nothing is left to do. An object
 * that is gone, or replaced by another of the same name, needs no write.
 *
 * @throws what `write` throws, and the last conflict after five in a row.
 */
export async function writeFresh<T extends KubernetesObject>(
  client: Client,
  kind: Kind<T>,
  cached: T,
  signal: AbortSignal,
  write: (current: T) => Promise<unknown>,
): Promise<void> {
  let current = cached;
  for (let attempt = 1; ; attempt++) {
    try {
      await write(current);
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || attempt === mostAttempts) throw error;
    }
    const latest = await getIfPresent(client, kind, keyOf(cached), signal);
    if (latest === undefined || uidOf(latest) !== uidOf(cached)) return;
    current = latest;
  }
}
