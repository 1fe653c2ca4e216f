import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type {
  Client,
  List,
  ObjectKey,
  PatchOptions,
  RequestOptions,
  WatchEvent,
  WriteOptions,
} from '../client/client.ts';
import { formatKey, keyOf } from '../client/object-key.ts';
import { statusError } from '../client/status.ts';

/**
 * Objects in memory with the API server's conflicts, for the parts of the runtime that write single
 * objects. It neither lists nor watches.
 */
export class MemoryClient implements Client {
  /** What was asked: verb, kind, key and subresource. */
  readonly requests: string[] = [];
  readonly patches: object[] = [];
  /** Called before each request: throw to refuse it, wait to delay it. */
  intercept: (request: string, signal?: AbortSignal) => void | Promise<void> = () => {};
  /** Called after each write: throw to lose its answer. */
  answered: () => void = () => {};
  /** As JSON: nobody holds a reference into it. */
  readonly #objects = new Map<string, string>();
  #version = 0;

  /** What is stored; not a request. */
  peek<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey): T | undefined {
    const text = this.#objects.get(idOf(kind, key));
    if (text === undefined) return undefined;
    const object: T = JSON.parse(text);
    return object;
  }

  /** All that is stored of a kind; not a request. */
  all<T extends KubernetesObject>(kind: Kind<T>): T[] {
    const ids = [...this.#objects.keys()].filter((id) => id.startsWith(`${kind.kind} `));
    return ids.map((id) => {
      const object: T = JSON.parse(this.#objects.get(id) ?? '');
      return object;
    });
  }

  async get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options?: RequestOptions,
  ): Promise<T> {
    await this.#begin('get', kind, key, options);
    return this.#find(kind, key);
  }

  async create<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: RequestOptions,
  ): Promise<T> {
    await this.#begin('create', kind, keyOf(object), options);
    if (this.peek(kind, keyOf(object)) !== undefined)
      throw statusError('', { code: 409, reason: 'AlreadyExists' });
    return this.#store(kind, object);
  }

  async update<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: WriteOptions,
  ): Promise<T> {
    await this.#begin('update', kind, keyOf(object), options);
    this.#check(this.#find(kind, keyOf(object)), object.metadata);
    return this.#store(kind, object);
  }

  async patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: { metadata?: object; [field: string]: unknown },
    options?: PatchOptions,
  ): Promise<T> {
    this.patches.push(patch);
    await this.#begin('patch', kind, key, options);
    const object = this.#find(kind, key);
    this.#check(object, patch.metadata ?? {});
    return this.#store(kind, merge(object, patch));
  }

  async delete(kind: Kind, key: ObjectKey, options?: RequestOptions): Promise<boolean> {
    await this.#begin('delete', kind, key, options);
    this.#find(kind, key);
    return this.#objects.delete(idOf(kind, key));
  }

  list<T>(): Promise<List<T>> {
    throw new Error('not here');
  }

  watch<T>(): AsyncIterable<WatchEvent<T>> {
    throw new Error('not here');
  }

  createSubresource(): Promise<unknown> {
    throw new Error('not here');
  }

  async #begin(
    verb: string,
    kind: Kind,
    key: ObjectKey,
    options: WriteOptions = {},
  ): Promise<void> {
    const { subresource, signal } = options;
    const request = `${verb} ${kind.kind} ${formatKey(key)}${subresource ? ` ${subresource}` : ''}`;
    this.requests.push(request);
    await this.intercept(request, signal);
    signal?.throwIfAborted();
  }

  #find<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey): T {
    const object = this.peek(kind, key);
    if (object === undefined) throw statusError('', { code: 404 });
    return object;
  }

  #check(stored: KubernetesObject, sent: { resourceVersion?: string; uid?: string }): void {
    const { resourceVersion, uid } = stored.metadata;
    if (sent.resourceVersion !== undefined && sent.resourceVersion !== resourceVersion) {
      throw statusError('', { code: 409, reason: 'Conflict' });
    }
    if (sent.uid !== undefined && sent.uid !== uid) throw statusError('', { code: 422 });
  }

  #store<T extends KubernetesObject>(kind: Kind<T>, object: T): T {
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#version) };
    const stored = JSON.stringify({ ...object, metadata });
    this.#objects.set(idOf(kind, keyOf(object)), stored);
    this.answered();
    return this.#find(kind, keyOf(object));
  }
}

function idOf(kind: Kind, key: ObjectKey): string {
  return `${kind.kind} ${formatKey(key)}`;
}

/** RFC 7386. */
function merge<T extends object>(target: T, patch: object): T {
  const result = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (value === null) Reflect.deleteProperty(result, name);
    else
      Reflect.set(result, name, isObject ? merge(Reflect.get(result, name) ?? {}, value) : value);
  }
  return result;
}
