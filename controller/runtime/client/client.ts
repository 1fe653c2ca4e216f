import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';

/** Names one object of a known kind. `namespace` is `''` for cluster-scoped kinds. */
export interface ObjectKey {
  namespace: string;
  name: string;
}

export interface List<T> {
  /** The version to start a watch from. */
  resourceVersion: string;
  /** Set when the answer was cut at `limit`: pass it to the next `list`. */
  continueToken?: string;
  items: T[];
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** Gives up after this many milliseconds. Default 30 s; watches have none. */
  timeout?: number;
}

export interface SelectOptions extends RequestOptions {
  /** Restricts to one namespace; absent: all. */
  namespace?: string;
  labelSelector?: string;
  fieldSelector?: string;
}

export interface ListOptions extends SelectOptions {
  limit?: number;
  continueToken?: string;
  /** `'0'`: any version the server has cached; absent: the most recent. */
  resourceVersion?: string;
}

export interface WatchOptions extends SelectOptions {
  resourceVersion: string;
  /** Seconds after which the server ends the watch by itself. */
  timeoutSeconds?: number;
}

export type WatchEvent<T> =
  | { type: 'ADDED' | 'MODIFIED' | 'DELETED'; object: T }
  /** Only `metadata.resourceVersion` of the object is set. */
  | { type: 'BOOKMARK'; object: T };

export type Subresource =
  'status' | 'scale' | 'eviction' | 'binding' | 'finalize' | 'token' | 'approval';

export interface WriteOptions extends RequestOptions {
  subresource?: Subresource;
}

export type PatchType = 'merge' | 'strategic' | 'json';

export interface PatchOptions extends WriteOptions {
  /** Default `merge` (RFC 7386). */
  type?: PatchType;
}

export interface DeleteOptions extends RequestOptions {
  /** Refused with a conflict unless these still hold. */
  preconditions?: { uid?: string; resourceVersion?: string };
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
}

/**
 * Talks to one API server.
 *
 * Every method rejects with `ApiError` (errors.ts) when the server answers with an error, and with
 * another error when there was no answer. `429` and `503` with `Retry-After` are retried a few
 * times before they are reported; nothing else is.
 */
export interface Client {
  get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options?: RequestOptions,
  ): Promise<T>;
  list<T extends KubernetesObject>(kind: Kind<T>, options?: ListOptions): Promise<List<T>>;
  /**
   * Events from `resourceVersion` on. Ends normally when the server ends the watch; rejects with
   * `ApiError` 410 when that version is no longer known.
   */
  watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  /** Returns the object as stored. */
  create<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: RequestOptions,
  ): Promise<T>;
  /** POST to a subresource (`eviction`, `binding`, `token`); returns whatever the server answers. */
  createSubresource(
    kind: Kind,
    key: ObjectKey,
    subresource: Subresource,
    body: object,
    options?: RequestOptions,
  ): Promise<unknown>;
  /** PUT; with `metadata.resourceVersion` set, a stale one is a conflict. */
  update<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: object,
    options?: PatchOptions,
  ): Promise<T>;
  /** Returns whether the object is gone: a grace period or finalizers make it linger. */
  delete(kind: Kind, key: ObjectKey, options?: DeleteOptions): Promise<boolean>;
}
