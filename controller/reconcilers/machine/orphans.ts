import type { ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { formatKey } from '#runtime/client/object-key.ts';
import type { Context } from '#runtime/reconcile.ts';
import { deletePod } from './pod.ts';
import { isPodOf, podsByMachineName, type Deps } from './scope.ts';

/**
 * Pods of a Machine that is gone (deleted by force, finalizer removed by hand) go too, also when a
 * new Machine has its name. `uid` is that of the Machine that the cache has, if any.
 *
 * The API server has the last word: after a restart the cache of Pods may be ahead of Machines'.
 */
export async function deleteOrphans(
  deps: Deps,
  context: Context,
  key: ObjectKey,
  uid: string | undefined,
): Promise<void> {
  const { kind } = deps.machines;
  const candidates = deps.pods.byIndex(podsByMachineName(kind), formatKey(key));
  if (candidates.every((pod) => isPodOf(pod, uid))) return;
  const owner = await ifFound(deps.client.get(kind, key, { signal: context.signal }));
  for (const pod of candidates) {
    if (!isPodOf(pod, owner?.metadata.uid)) await deletePod(deps, context, pod);
  }
}
