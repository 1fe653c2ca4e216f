import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound, isConflict, isNotFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { uidOf } from '../objects/metadata.ts';

const mostAttempts = 5;

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
    const latest = await ifFound(client.get(kind, keyOf(cached), { signal }));
    if (latest === undefined || uidOf(latest) !== uidOf(cached)) return;
    current = latest;
  }
}
