import type { KubernetesObject } from '#api/meta.ts';

export function hasFinalizer({ metadata }: KubernetesObject, finalizer: string): boolean {
  return metadata.finalizers?.includes(finalizer) ?? false;
}

/** Returns whether the draft has changed. */
export function addFinalizer({ metadata }: KubernetesObject, finalizer: string): boolean {
  const finalizers = metadata.finalizers ?? [];
  if (finalizers.includes(finalizer)) return false;
  metadata.finalizers = [...finalizers, finalizer];
  return true;
}

/** Returns whether the draft has changed. */
export function removeFinalizer({ metadata }: KubernetesObject, finalizer: string): boolean {
  const finalizers = metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return false;
  metadata.finalizers = finalizers.filter((name) => name !== finalizer);
  return true;
}
