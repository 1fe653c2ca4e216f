import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type {
  Client,
  DeleteOptions,
  List,
  ListOptions,
  ObjectKey,
  PatchOptions,
  RequestOptions,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from '#runtime/client/client.ts';
import { ApiError } from '#runtime/client/errors.ts';
import { strategicMerge } from './strategic-merge.ts';

export interface MemoryRequest {
  verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  /** Lower-case plural. */
  resource: string;
  name: string;
  subresource: string;
  body: unknown;
}

type Hook = (request: MemoryRequest) => Promise<void> | void;
type Subscriber = (event: WatchEvent<KubernetesObject>) => void;

/**
 * An API server of a few lines within the test: its answers need no sockets, so a `FakeClock` can step
 * through hours. It knows objects, versions, watches, uids, finalizers and graceful deletion, and no
 * rule of any kind; stories that need those run on the embedded API server.
 */
export class MemoryClient implements Client {
  /** Every request so far, those that failed too. */
  readonly requests: MemoryRequest[] = [];
  /** May throw in place of the request, or delay it. */
  before: Hook = () => {};
  /** Told of every request that was carried out, before its answer can be lost. */
  carriedOut: (request: MemoryRequest) => void = () => {};
  /** May throw after the request was carried out: its answer is lost. */
  after: Hook = () => {};
  readonly #objects = new Map<string, KubernetesObject>();
  readonly #log: { version: number; plural: string; event: WatchEvent<KubernetesObject> }[] = [];
  readonly #subscribers = new Map<Subscriber, AbortController>();
  #version = 0;

  /** The objects of a kind, as they are stored now. */
  all<T extends KubernetesObject>(kind: Kind<T>): T[] {
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${kind.plural}/`))
      .map(([, object]) => copyOf(kind, object));
  }

  /** Breaks all watches; nothing else fails. */
  dropWatches(): void {
    for (const broken of this.#subscribers.values()) broken.abort(new Error('connection reset'));
  }

  get watches(): number {
    return this.#subscribers.size;
  }

  get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.#run({ verb: 'get', kind, name: key.name }, options, () => this.#find(kind, key));
  }

  list<T extends KubernetesObject>(kind: Kind<T>, options: ListOptions = {}): Promise<List<T>> {
    return this.#run({ verb: 'list', kind }, options, () => ({
      resourceVersion: String(this.#version),
      items: this.all(kind).filter((object) => isSelected(object, options.fieldSelector)),
    }));
  }

  async *watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    await this.#run({ verb: 'watch', kind }, options, () => {});
    const queue: WatchEvent<T>[] = [];
    let wake: (() => void) | undefined;
    const push = (event: WatchEvent<KubernetesObject>): void => {
      if (!isSelected(event.object, options.fieldSelector)) return;
      queue.push({ ...event, object: copyOf(kind, event.object) });
      wake?.();
    };
    for (const { version, plural, event } of this.#log) {
      if (plural === kind.plural && version > Number(options.resourceVersion)) push(event);
    }
    const broken = new AbortController();
    const end = AbortSignal.any([broken.signal, ...(options.signal ? [options.signal] : [])]);
    const subscriber: Subscriber = (event) => {
      if (event.object.kind === kind.kind) push(event);
    };
    this.#subscribers.set(subscriber, broken);
    try {
      for (;;) {
        end.throwIfAborted();
        const event = queue.shift();
        if (event !== undefined) yield event;
        else {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          end.addEventListener('abort', () => resolve(), { once: true });
          await promise;
        }
      }
    } finally {
      this.#subscribers.delete(subscriber);
    }
  }

  create<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options: RequestOptions = {},
  ): Promise<T> {
    const { name = '', namespace = '' } = object.metadata;
    return this.#run({ verb: 'create', kind, name, body: object }, options, () => {
      if (this.#objects.has(pathOf(kind, { namespace, name }))) {
        throw failure(kind, name, 409, 'AlreadyExists');
      }
      const metadata = { ...object.metadata, uid: `uid-${this.#version + 1}` };
      return this.#store(kind, 'ADDED', { ...object, metadata });
    });
  }

  createSubresource(): Promise<never> {
    return Promise.reject(new Error('this client has no subresources to create'));
  }

  update<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options: WriteOptions = {},
  ): Promise<T> {
    const { name = '', namespace = '', resourceVersion } = object.metadata;
    return this.#run({ verb: 'update', kind, name, body: object }, options, () => {
      const stored = this.#find(kind, { namespace, name });
      if (resourceVersion !== undefined && resourceVersion !== stored.metadata.resourceVersion) {
        throw failure(kind, name, 409, 'Conflict');
      }
      return this.#store(kind, 'MODIFIED', object);
    });
  }

  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: object,
    options: PatchOptions = {},
  ): Promise<T> {
    const { subresource = '' } = options;
    const request = { verb: 'patch' as const, kind, name: key.name, subresource, body: patch };
    return this.#run(request, options, () => {
      const stored = this.#find(kind, key);
      const patched = copyOf(kind, strategicMerge(stored, patch));
      if (patched.metadata.uid !== stored.metadata.uid)
        throw failure(kind, key.name, 409, 'Conflict');
      if (JSON.stringify(patched) === JSON.stringify(stored)) return stored;
      return this.#store(kind, 'MODIFIED', patched);
    });
  }

  delete(kind: Kind, key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    const { signal: _, ...body } = options;
    return this.#run({ verb: 'delete', kind, name: key.name, body }, options, () => {
      const stored = this.#find(kind, key);
      const { uid = stored.metadata.uid } = options.preconditions ?? {};
      if (uid !== stored.metadata.uid) throw failure(kind, key.name, 409, 'Conflict');
      const isGraceful = kind.plural === 'pods' && options.gracePeriodSeconds !== 0;
      const isGone = !isGraceful && !stored.metadata.finalizers?.length;
      if (isGone) this.#remove(kind, key, stored);
      else if (stored.metadata.deletionTimestamp === undefined) {
        const metadata = { ...stored.metadata, deletionTimestamp: '2030-01-01T00:00:00Z' };
        this.#store(kind, 'MODIFIED', { ...stored, metadata });
      }
      return isGone;
    });
  }

  async #run<Answer>(
    request: Partial<MemoryRequest> & { verb: MemoryRequest['verb']; kind: Kind },
    { signal }: RequestOptions,
    carryOut: () => Answer,
  ): Promise<Answer> {
    const { verb, kind, name = '', subresource = '', body } = request;
    const seen = { verb, resource: kind.plural, name, subresource, body: structuredClone(body) };
    this.requests.push(seen);
    signal?.throwIfAborted();
    await this.before(seen);
    signal?.throwIfAborted();
    const answer = structuredClone(carryOut());
    this.carriedOut(seen);
    await this.after(seen);
    return answer;
  }

  #find<T extends KubernetesObject>(kind: Kind<T>, key: ObjectKey): T {
    const object = this.#objects.get(pathOf(kind, key));
    if (object === undefined) throw failure(kind, key.name, 404, 'NotFound');
    return copyOf(kind, object);
  }

  #store<T extends KubernetesObject>(kind: Kind<T>, type: 'ADDED' | 'MODIFIED', object: T): T {
    const { name = '', namespace = '' } = object.metadata;
    const stored = this.#stamp(object);
    this.#objects.set(pathOf(kind, { namespace, name }), stored);
    this.#emit(kind, type, stored);
    return stored;
  }

  #remove(kind: Kind, key: ObjectKey, object: KubernetesObject): void {
    this.#objects.delete(pathOf(kind, key));
    this.#emit(kind, 'DELETED', this.#stamp(object));
  }

  #stamp<T extends KubernetesObject>(object: T): T {
    this.#version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #emit(kind: Kind, type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubernetesObject): void {
    const event = { type, object };
    this.#log.push({ version: this.#version, plural: kind.plural, event });
    for (const subscriber of this.#subscribers.keys()) subscriber(event);
  }
}

function pathOf(kind: Kind, { namespace, name }: ObjectKey): string {
  return `${kind.plural}/${namespace}/${name}`;
}

function isSelected(object: object, fieldSelector: string | undefined): boolean {
  const [path = '', value] = fieldSelector?.split('=') ?? [];
  const fields = path.split('.');
  const found = fields.reduce<unknown>(
    (parent, field) => Object.entries(parent ?? {}).find(([name]) => name === field)?.[1],
    object,
  );
  return fieldSelector === undefined || found === value;
}

/** Nobody shares objects with the store; the caller knows of which kind the object is. */
function copyOf<T extends KubernetesObject>(_kind: Kind<T>, object: object): T {
  const copy: T = JSON.parse(JSON.stringify(object));
  return copy;
}

function failure(kind: Kind, name: string, code: number, reason: string): ApiError {
  const message = `${apiVersionOf(kind)} ${kind.plural} "${name}": ${reason}`;
  return new ApiError(kind.plural, { code, reason, message });
}
