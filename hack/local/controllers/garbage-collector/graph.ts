import type { Kind } from '#api/kind.ts';
import type { KubernetesObject, OwnerReference } from '#api/meta.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { groupOf } from '../discovery/kind-catalog.ts';
import { isDeleting, uidOf } from '../objects/metadata.ts';

/** What the collector knows about one object. */
export interface Item {
  readonly kind: Kind;
  readonly key: ObjectKey;
  readonly uid: string;
  readonly owners: readonly OwnerReference[];
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}

export const foregroundFinalizer = 'foregroundDeletion';
export const orphanFinalizer = 'orphan';

export function itemOf(kind: Kind, object: KubernetesObject): Item {
  return {
    kind,
    key: keyOf(object),
    uid: uidOf(object),
    owners: object.metadata.ownerReferences ?? [],
    finalizers: object.metadata.finalizers ?? [],
    deleting: isDeleting(object),
  };
}

/** It stays until its dependents are gone. */
export function isWaitingForDependents(item: Item): boolean {
  return item.deleting && item.finalizers.includes(foregroundFinalizer);
}

/** Whether a reference means this very object, seen from an object in `namespace`. */
export function isMeantBy(item: Item, owner: OwnerReference, namespace: string): boolean {
  return (
    item.uid === owner.uid &&
    item.key.name === owner.name &&
    item.kind.kind === owner.kind &&
    item.kind.group === groupOf(owner.apiVersion) &&
    (!item.kind.namespaced || item.key.namespace === namespace)
  );
}

/** Who owns whom, as far as the watches have shown, in both directions. */
export class OwnershipGraph {
  readonly #items = new Map<string, Item>();
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Item | undefined {
    return this.#items.get(uid);
  }

  dependentsOf(uid: string): Item[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((each) => this.#items.get(each) ?? []);
  }

  set(item: Item): void {
    this.#unlink(this.#items.get(item.uid));
    this.#items.set(item.uid, item);
    for (const { uid } of item.owners) {
      const dependents = this.#dependents.get(uid) ?? new Set();
      this.#dependents.set(uid, dependents.add(item.uid));
    }
  }

  delete(uid: string): void {
    this.#unlink(this.#items.get(uid));
    this.#items.delete(uid);
  }

  *ofKind(kind: Kind): Iterable<Item> {
    for (const item of this.#items.values()) if (item.kind === kind) yield item;
  }

  #unlink(item: Item | undefined): void {
    for (const { uid } of item?.owners ?? []) {
      const dependents = this.#dependents.get(uid);
      dependents?.delete(item?.uid ?? '');
      if (dependents?.size === 0) this.#dependents.delete(uid);
    }
  }
}
