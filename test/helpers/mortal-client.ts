import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type {
  Client,
  DeleteOptions,
  List,
  ListOptions,
  ObjectKey,
  PatchOptions,
  RequestOptions,
  Subresource,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '#runtime/client/client.ts';

/**
 * The client of a process that is killed the moment its n-th write has been stored: the answer is lost,
 * and nothing is sent or heard any more.
 */
export class MortalClient implements Client {
  /** Aborts at the death. */
  readonly life = new AbortController();
  readonly #inner: Client;
  readonly #lethalWrite: number;
  #writes = 0;

  constructor(inner: Client, lethalWrite: number) {
    this.#inner = inner;
    this.#lethalWrite = lethalWrite;
  }

  get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options?: RequestOptions,
  ): Promise<T> {
    return this.#read(() => this.#inner.get(kind, key, options));
  }

  list<T extends KubernetesObject>(kind: Kind<T>, options?: ListOptions): Promise<List<T>> {
    return this.#read(() => this.#inner.list(kind, options));
  }

  watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
  ): AsyncIterable<WatchEvent<T>> {
    this.life.signal.throwIfAborted();
    const signals = [this.life.signal, ...(options.signal ? [options.signal] : [])];
    return this.#inner.watch(kind, { ...options, signal: AbortSignal.any(signals) });
  }

  create<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options?: RequestOptions,
  ): Promise<T> {
    return this.#write(() => this.#inner.create(kind, object, options));
  }

  createSubresource(
    kind: Kind,
    key: ObjectKey,
    subresource: Subresource,
    body: object,
    options?: RequestOptions,
  ): Promise<unknown> {
    return this.#write(() => this.#inner.createSubresource(kind, key, subresource, body, options));
  }

  update<T extends KubernetesObject>(kind: Kind<T>, object: T, options?: WriteOptions): Promise<T> {
    return this.#write(() => this.#inner.update(kind, object, options));
  }

  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: object,
    options?: PatchOptions,
  ): Promise<T> {
    return this.#write(() => this.#inner.patch(kind, key, patch, options));
  }

  delete(kind: Kind, key: ObjectKey, options?: DeleteOptions): Promise<boolean> {
    return this.#write(() => this.#inner.delete(kind, key, options));
  }

  async #read<T>(request: () => Promise<T>): Promise<T> {
    this.life.signal.throwIfAborted();
    const answer = await request();
    this.life.signal.throwIfAborted();
    return answer;
  }

  #write<T>(request: () => Promise<T>): Promise<T> {
    return this.#read(async () => {
      const answer = await request();
      this.#writes += 1;
      if (this.#writes === this.#lethalWrite) this.life.abort(new Error('killed'));
      return answer;
    });
  }
}
