import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { ObjectKey } from '../client/client.ts';
import { keyOf } from '../client/object-key.ts';
import type { ChangeType, ReflectorOptions, Sink } from './reflector.ts';
import { Reflector } from './reflector.ts';
import { compareVersions } from './resource-version.ts';
import type { Indexes, Store } from './store.ts';
import { deepFreeze, IndexedStore } from './store.ts';

export type InformerEvent<T> =
  | { readonly type: 'added'; readonly object: T }
  /** `old` and `object` are the same at a resync. */
  | { readonly type: 'updated'; readonly old: T; readonly object: T }
  /** The last state that was seen. */
  | { readonly type: 'deleted'; readonly object: T };

/** Called in order of the changes, when the store already shows the change. */
export type Handler<T> = (event: InformerEvent<T>) => void;

export interface InformerOptions<T extends KubernetesObject> extends Omit<
  ReflectorOptions<T>,
  'sink'
> {
  indexes?: Indexes<T>;
  /** What to keep of each object, for instance without `managedFields`. Must keep the metadata's identity. */
  transform?: (object: T) => T;
  /** Milliseconds (± 10 %) after which every object is shown to the handlers again; absent: never. */
  resyncPeriod?: number;
}

/** What a reconciler needs of an informer: what there is, and a place for the answers of its writes. */
export type Cache<T extends KubernetesObject> = Pick<
  Informer<T>,
  keyof Store<T> | 'kind' | 'observe'
>;

const resyncJitter = 0.1;

/**
 * A local copy of all objects of a kind that tells its handlers what changes.
 *
 * Guarantees: handlers see each object as `added` first and `deleted` last, also when it vanished, or
 * was replaced by another of the same name, while no watch was open. A version is shown once.
 */
export class Informer<T extends KubernetesObject> implements Store<T>, Sink<T> {
  readonly #options: InformerOptions<T>;
  readonly #store: IndexedStore<T>;
  readonly #handlers: Handler<T>[] = [];
  readonly #synced = Promise.withResolvers<void>();
  #hasSynced = false;
  /** The last version that the watch or the list has shown. */
  #version: string | undefined;

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#store = new IndexedStore(options.indexes);
  }

  get kind(): Kind<T> {
    return this.#options.kind;
  }

  /** For logs and probes. */
  get name(): string {
    return this.kind.kind;
  }

  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** Resolves when the store holds everything; rejects with the signal's reason when it aborts. */
  async synced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    await Promise.race([this.#synced.promise, aborted.promise]).finally(() =>
      signal.removeEventListener('abort', abort),
    );
  }

  get(key: ObjectKey): T | undefined {
    return this.#store.get(key);
  }

  list(namespace?: string): T[] {
    return this.#store.list(namespace);
  }

  byIndex(index: string, value: string): T[] {
    return this.#store.byIndex(index, value);
  }

  /**
   * For a controller that shares this informer with others. An index that is there already is shared, too.
   *
   * @throws Error when another index has one of these names
   */
  addIndexes(indexes: Indexes<T>): void {
    this.#store.addIndexes(indexes);
  }

  /** A handler that comes late is shown what is there already. */
  addHandler(handler: Handler<T>): void {
    this.#handlers.push(handler);
    for (const object of this.#store.list()) this.#notify(handler, { type: 'added', object });
  }

  /** Resolves when `signal` aborts. Call it once. */
  async run(signal: AbortSignal): Promise<void> {
    const reflector = new Reflector({ ...this.#options, sink: this });
    await Promise.all([reflector.run(signal), this.#resync(signal)]);
  }

  /**
   * Takes over what a write answered, so that the next reconcile does not read an older version. What
   * the watch has seen already wins; the watch will bring `object` again, which then is no news.
   */
  observe(object: T): void {
    const known = this.#store.get(keyOf(object));
    if (known !== undefined && isLastOf(known, object)) this.#update(known, object);
    else if (compareVersions(versionOf(object), this.#version) > 0) this.#put(object);
  }

  replace(objects: T[], resourceVersion: string): void {
    const present = new Set(objects.map((object) => identityOf(object)));
    const wentBack = compareVersions(resourceVersion, this.#version) < 0; // a backup was restored
    this.#version = resourceVersion;
    for (const known of this.#store.list()) {
      const isObservedSince = compareVersions(versionOf(known), resourceVersion) > 0;
      const isMissing = !isObservedSince && !present.has(identityOf(known));
      if (wentBack || isMissing) this.#remove(known);
    }
    for (const object of objects) this.#put(object);
    this.#hasSynced = true;
    this.#synced.resolve();
  }

  apply(type: ChangeType, object: T): void {
    this.#version = versionOf(object);
    if (type === 'DELETED') this.#remove(object);
    else this.#put(object);
  }

  #put(received: T): void {
    const known = this.#store.get(keyOf(received));
    if (known !== undefined && compareVersions(versionOf(received), versionOf(known)) <= 0) return;
    if (known !== undefined && identityOf(known) === identityOf(received)) {
      this.#update(known, received);
      return;
    }
    if (known !== undefined) this.#remove(known);
    const object = this.#prepare(received);
    this.#store.set(object);
    this.#tell({ type: 'added', object });
  }

  #update(old: T, received: T): void {
    const object = this.#prepare(received);
    this.#store.set(object);
    this.#tell({ type: 'updated', old, object });
  }

  /** Not the next object of the same name, which may have been observed already. */
  #remove(last: T): void {
    const known = this.#store.get(keyOf(last));
    if (known === undefined || identityOf(known) !== identityOf(last)) return;
    this.#store.delete(keyOf(last));
    this.#tell({ type: 'deleted', object: this.#prepare(last) });
  }

  #prepare(received: T): T {
    return deepFreeze(this.#options.transform?.(received) ?? received);
  }

  #tell(event: InformerEvent<T>): void {
    for (const handler of this.#handlers) this.#notify(handler, event);
  }

  /** A handler that throws is a bug of its own; the others must still hear of the change. */
  #notify(handler: Handler<T>, event: InformerEvent<T>): void {
    try {
      handler(event);
    } catch (error) {
      this.#options.log.error('Failed to handle a change', error, {
        [this.name]: keyOf(event.object),
      });
    }
  }

  async #resync(signal: AbortSignal): Promise<void> {
    const { clock, resyncPeriod, random = Math.random } = this.#options;
    if (resyncPeriod === undefined) return;
    for (;;) {
      const jitter = 1 + resyncJitter * (2 * random() - 1);
      await clock.sleep(resyncPeriod * jitter, signal).catch(() => {});
      if (signal.aborted) return;
      for (const object of this.#store.list()) {
        this.#tell({ type: 'updated', old: object, object });
      }
    }
  }
}

/**
 * Whether `answer` is to the removal of the last finalizer. The API server then deletes `known` instead
 * of writing it, so the answer has no version of its own (apiserver, registry/generic, `Store.Update`).
 */
function isLastOf(known: KubernetesObject, answer: KubernetesObject): boolean {
  const isSame = identityOf(known) === identityOf(answer) && versionOf(known) === versionOf(answer);
  return isSame && hasFinalizers(known) && !hasFinalizers(answer);
}

function hasFinalizers({ metadata: { finalizers = [] } }: KubernetesObject): boolean {
  return finalizers.length > 0;
}

function versionOf({ metadata }: KubernetesObject): string | undefined {
  return metadata.resourceVersion;
}

/** Tells an object from a later one of the same name. */
function identityOf({ metadata: { namespace, name, uid } }: KubernetesObject): string {
  return `${namespace}/${name}/${uid}`;
}
