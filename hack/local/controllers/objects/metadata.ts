import type { KubernetesObject, ObjectMeta, OwnerReference } from '#api/meta.ts';

/** Empty only for an object that was never stored. */
export function uidOf(object: KubernetesObject): string {
  return object.metadata.uid ?? '';
}

export function isDeleting(object: { readonly metadata: ObjectMeta }): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** The one owner that manages the object. */
export function controllerOf(object: {
  readonly metadata: ObjectMeta;
}): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true);
}
