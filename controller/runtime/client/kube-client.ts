import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Clock } from '../clock.ts';
import type {
  Client,
  DeleteOptions,
  List,
  ListOptions,
  ObjectKey,
  PatchOptions,
  PatchType,
  RequestOptions,
  Subresource,
  WatchEvent,
  WatchOptions,
  WriteOptions,
} from './client.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { plainConfig } from './cluster-config.ts';
import type { Status } from './errors.ts';
import { jsonLines } from './json-lines.ts';
import { keyOf } from './object-key.ts';
import { collectionPath, creationPath, objectPath, queryString } from './paths.ts';
import { statusError } from './status.ts';
import type { ObservedRequest } from './transport.ts';
import { Transport } from './transport.ts';

export type KubeClientOptions = {
  /** Deadlines, retries and the rate limit run on it; a test against a real socket wants `realClock`. */
  clock: Clock;
  userAgent: string;
  /** Requests per second; absent or ≤ 0: no limit. */
  qps?: number;
  /** Requests that may go out at once before `qps` holds. */
  burst?: number;
  requestObserver?: (request: ObservedRequest) => void;
} & ({ config: ClusterConfig } | { server: string; headers?: Record<string, string> });

const contentTypes: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};

/** The `Client` that speaks HTTP to an API server. */
export class KubeClient implements Client {
  readonly #transport: Transport;

  constructor(options: KubeClientOptions) {
    const { clock, userAgent, qps = 0, burst = qps, requestObserver } = options;
    const config =
      'config' in options ? options.config : plainConfig(options.server, options.headers);
    this.#transport = new Transport({ config, clock, userAgent, qps, burst, requestObserver });
  }

  /** Ends all connections; requests under way fail. */
  close(): Promise<void> {
    return this.#transport.close();
  }

  get<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    options: RequestOptions = {},
  ): Promise<T> {
    return this.#transport.exchange<T>({ method: 'GET', path: objectPath(kind, key), ...options });
  }

  /** What a path outside the kinds answers (discovery, `/version`): trusted to be an `Answer`. */
  getPath<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.#transport.exchange<Answer>({ method: 'GET', path, ...options });
  }

  async list<T extends KubernetesObject>(
    kind: Kind<T>,
    options: ListOptions = {},
  ): Promise<List<T>> {
    const { namespace, labelSelector, fieldSelector, limit, resourceVersion } = options;
    const selection = { labelSelector, fieldSelector, limit, resourceVersion };
    const query = queryString({ ...selection, continue: options.continueToken });
    const path = collectionPath(kind, namespace) + query;
    const list = await this.#transport.exchange<ListAnswer<T>>({ method: 'GET', path, ...options });
    const { resourceVersion: version = '', continue: continueToken } = list.metadata ?? {};
    return {
      resourceVersion: version,
      ...(continueToken && { continueToken }),
      items: (list.items ?? []).map((item) => withType(kind, item)),
    };
  }

  async *watch<T extends KubernetesObject>(
    kind: Kind<T>,
    options: WatchOptions,
  ): AsyncGenerator<WatchEvent<T>> {
    const { namespace, labelSelector, fieldSelector, resourceVersion, timeoutSeconds } = options;
    const selection = { labelSelector, fieldSelector, resourceVersion, timeoutSeconds };
    const query = queryString({ watch: 'true', allowWatchBookmarks: 'true', ...selection });
    const path = collectionPath(kind, namespace);
    const { signal, timeout } = options;
    const chunks = this.#transport.stream({ method: 'GET', path: path + query, signal, timeout });
    type Line = WatchEvent<T> | { type: 'ERROR'; object: Partial<Status> };
    for await (const event of jsonLines<Line>(chunks)) {
      if (event.type === 'ERROR') throw statusError(`WATCH ${path}`, event.object);
      yield event;
    }
  }

  create<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    options: RequestOptions = {},
  ): Promise<T> {
    const path = creationPath(kind, object.metadata.namespace);
    return this.#transport.exchange<T>({ method: 'POST', path, body: object, ...options });
  }

  createSubresource(
    kind: Kind,
    key: ObjectKey,
    subresource: Subresource,
    body: object,
    options: RequestOptions = {},
  ): Promise<unknown> {
    const path = objectPath(kind, key, subresource);
    return this.#transport.exchange({ method: 'POST', path, body, ...options });
  }

  update<T extends KubernetesObject>(
    kind: Kind<T>,
    object: T,
    { subresource, ...options }: WriteOptions = {},
  ): Promise<T> {
    const path = objectPath(kind, keyOf(object), subresource);
    return this.#transport.exchange<T>({ method: 'PUT', path, body: object, ...options });
  }

  patch<T extends KubernetesObject>(
    kind: Kind<T>,
    key: ObjectKey,
    patch: object,
    { subresource, type = 'merge', ...options }: PatchOptions = {},
  ): Promise<T> {
    return this.#transport.exchange<T>({
      method: 'PATCH',
      path: objectPath(kind, key, subresource),
      body: patch,
      contentType: contentTypes[type],
      ...options,
    });
  }

  async delete(kind: Kind, key: ObjectKey, options: DeleteOptions = {}): Promise<boolean> {
    const { signal, timeout, ...rest } = options;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', ...rest };
    const path = objectPath(kind, key);
    const request = { method: 'DELETE', path, body, signal, timeout } as const;
    return isGone(await this.#transport.exchange<Partial<KubernetesObject>>(request));
  }
}

/**
 * A deletion answers with a Status when the object is gone, or, for some kinds, with its last state:
 * no grace period and nobody to wait for (k8s.io/apiserver, registry.Store.Delete).
 */
function isGone({ kind, metadata }: Partial<KubernetesObject>): boolean {
  if (kind === 'Status') return true;
  const { deletionGracePeriodSeconds, finalizers = [] } = metadata ?? {};
  return deletionGracePeriodSeconds === 0 && finalizers.length === 0;
}

interface ListAnswer<T> {
  metadata?: { resourceVersion?: string; continue?: string };
  items?: T[] | null;
}

/** The items of a list lack what the list itself says; objects from elsewhere have it. */
function withType<T extends KubernetesObject>(kind: Kind<T>, item: T): T {
  return { ...item, apiVersion: apiVersionOf(kind), kind: kind.kind };
}
