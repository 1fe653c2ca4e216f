import type { KubernetesObject } from '#api/meta.ts';
import type { ObjectKey } from '#runtime/client/client.ts';

export function keyOf(object: KubernetesObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name ?? '' };
}

/** Empty only for an object that was never stored. */
export function uidOf(object: KubernetesObject): string {
  return object.metadata.uid ?? '';
}

/** RFC 3339 with whole seconds, as Kubernetes writes `metav1.Time`. */
export function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
