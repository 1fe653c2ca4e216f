import type { KubernetesObject } from './meta.ts';

/**
 * The one handle for a kind: the client builds paths from it, the cache keys informers by it and
 * `T` is the shape of its objects.
 */
export interface Kind<T extends KubernetesObject = KubernetesObject> {
  /** API group; `''` is the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower-case plural, as in the URL. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Carries `T` for the type checker only; never set. */
  readonly objectType?: T;
}

/** `v1` for the core group, `group/version` otherwise: the `apiVersion` of the kind's objects. */
export function apiVersionOf(kind: Pick<Kind, 'group' | 'version'>): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}
