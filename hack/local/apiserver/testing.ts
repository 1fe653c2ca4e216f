/** What the tests of the API server share: plain HTTP, so that every byte of an answer is visible. */
import type { ExecutionContext } from 'ava';
import { startApiServer } from '#test/helpers/api-server.ts';
import type { ApiObject } from './object.ts';
import { view } from './object.ts';
import type { ApiServer, ApiServerOptions } from './server.ts';
import type { StatusObject } from './status.ts';

/** An answer; its body is read as an object, a list and a Status at once, whichever it is. */
export interface Reply {
  code: number;
  headers: Headers;
  text: string;
  body: ApiObject &
    Pick<StatusObject, 'message' | 'reason' | 'details'> & { items: ApiObject[] } & {
      metadata: { continue?: string; remainingItemCount?: number };
    };
}

export interface WatchEvent {
  type: string;
  object: ApiObject & Partial<Pick<StatusObject, 'code' | 'reason' | 'message'>>;
}

/** Requests of a test to any API server. */
export class HttpApi {
  readonly url: string;
  readonly #t: ExecutionContext;

  constructor(t: ExecutionContext, url: string) {
    this.#t = t;
    this.url = url;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Reply> {
    return this.send('GET', path, undefined, headers);
  }

  post(path: string, body: object): Promise<Reply> {
    return this.send('POST', path, body);
  }

  put(path: string, body: object): Promise<Reply> {
    return this.send('PUT', path, body);
  }

  delete(path: string, options?: object): Promise<Reply> {
    return this.send('DELETE', path, options);
  }

  patch(path: string, body: object, type = 'merge-patch'): Promise<Reply> {
    return this.send('PATCH', path, body, { 'content-type': `application/${type}+json` });
  }

  async send(
    method: string,
    path: string,
    body?: object | string,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { code: response.status, headers: response.headers, text, body: view(parse(text)) };
  }

  /** Opens a watch; it is closed with the test. */
  async watch(path: string, headers: Record<string, string> = {}): Promise<Watch> {
    const abort = new AbortController();
    this.#t.teardown(() => abort.abort());
    const response = await fetch(`${this.url}${path}`, { signal: abort.signal, headers });
    return new Watch(response);
  }
}

/** Requests to a server that the test has to itself. */
export class Api extends HttpApi {
  readonly server: ApiServer;

  constructor(t: ExecutionContext, server: ApiServer, url: string) {
    super(t, url);
    this.server = server;
  }
}

export class Watch {
  readonly code: number;
  readonly #lines: AsyncGenerator<string>;

  constructor(response: Response) {
    this.code = response.status;
    this.#lines = linesOf(response);
  }

  /** The next event; `undefined` when the server ended the watch. */
  async next(): Promise<WatchEvent | undefined> {
    const { value, done } = await this.#lines.next();
    return done === true ? undefined : view<WatchEvent>(JSON.parse(view<string>(value)));
  }

  /** The next events as `TYPE name`. */
  async names(count: number): Promise<string[]> {
    const names: string[] = [];
    while (names.length < count) {
      const event = await this.next();
      if (event === undefined) break;
      names.push(`${event.type} ${event.object.metadata.name ?? ''}`.trim());
    }
    return names;
  }
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of response.body ?? []) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

export async function startApi(
  t: ExecutionContext,
  options: Partial<ApiServerOptions> = {},
): Promise<Api> {
  const { server, url } = await startApiServer(t, options);
  return new Api(t, server, url);
}

export const podsPath = '/api/v1/namespaces/default/pods';
export const nodesPath = '/api/v1/nodes';
export const configMapsPath = '/api/v1/namespaces/default/configmaps';

export function pod(name: string, spec: object = {}, metadata: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...metadata },
    spec: { containers: [{ name: 'main', image: 'nginx:1' }], ...spec },
  };
}

export function configMap(name: string, data: Record<string, string> = {}, metadata = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** A namespaced kind with status and scale; `schema` describes `spec`. */
export function widgetDefinition(spec: object, version: object = {}): object {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'], categories: ['all'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: { type: 'object', ...spec },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
          ...version,
        },
      ],
    },
  };
}

export const definitionsPath = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
export const widgetsPath = '/apis/example.com/v1/namespaces/default/widgets';

export function widget(name: string, spec: object = {}, more: object = {}): object {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name }, spec, ...more };
}
