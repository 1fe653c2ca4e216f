import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { Answer } from './answer.ts';
import { fromStatus, plain, send } from './answer.ts';
import { readBody } from './body.ts';
import { CustomResources } from './crd/manager.ts';
import { Discovery } from './discovery/discovery.ts';
import { errorOf, Faults } from './faults.ts';
import { ResourceHandler } from './handler.ts';
import { builtInDefinitions } from './kinds/built-in.ts';
import { createSystemObjects } from './kinds/system-objects.ts';
import { kubeconfigFor } from './kubeconfig.ts';
import { view } from './object.ts';
import { Registry } from './registry.ts';
import type { ResourceRequest, Verb } from './request.ts';
import { parseResourceRequest } from './request.ts';
import { BuiltInSchemas } from './schema/built-in.ts';
import { internalError, StatusError } from './status.ts';

export interface ApiServerOptions {
  clock: Clock;
  log: Logger;
  /** Milliseconds between bookmarks. Default one minute. */
  bookmarkInterval?: number;
  /** Changes kept per resource for watches and pages to resume from. Default 4096. */
  historySize?: number;
}

/** What an observer learns of a request for a resource, when it is answered (a watch: when it starts). */
export interface RequestRecord {
  verb: Verb;
  group: string;
  resource: string;
  namespace: string;
  name: string;
  subresource: string;
  userAgent: string;
  /** HTTP status; 0: the connection was dropped by order. */
  code: number;
}

/**
 * A Kubernetes API server in this process, its data in memory: for tests and laptops. Everyone who
 * reaches it may do anything, so it listens on loopback and refuses browsers.
 */
export class ApiServer {
  readonly faults = new Faults();
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #registry: Registry;
  readonly #handler: ResourceHandler;
  readonly #discovery: Discovery;
  readonly #server: Server;
  readonly #observers = new Set<(record: RequestRecord) => void>();
  #url = '';

  constructor({ clock, log, bookmarkInterval = 60_000, historySize = 4096 }: ApiServerOptions) {
    this.#clock = clock;
    this.#log = log;
    this.#registry = new Registry(clock, historySize);
    const schemas = new BuiltInSchemas();
    for (const definition of builtInDefinitions(schemas)) this.#registry.add(definition);
    // Held by its subscription to CustomResourceDefinitions.
    void new CustomResources(this.#registry, schemas);
    createSystemObjects(this.#registry);
    this.#handler = new ResourceHandler({
      registry: this.#registry,
      faults: this.faults,
      bookmarkInterval,
    });
    this.#discovery = new Discovery(this.#registry);
    this.#server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0, noDelay: true });
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      // Answers every error itself.
      void this.#serve(request, response);
    });
  }

  /** Resolves to the URL of the server. Port 0, the default, is any free one. */
  listen({ port = 0, host = '127.0.0.1' } = {}): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#server.once('error', reject);
    this.#server.listen(port, host, () => {
      this.#server.off('error', reject);
      const { port: chosen } = view<AddressInfo>(this.#server.address());
      this.#url = `http://${host}:${chosen}`;
      resolve(this.#url);
    });
    return promise;
  }

  /** Breaks every connection and resolves when the port is free. */
  close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    return promise;
  }

  get url(): string {
    return this.#url;
  }

  /** As YAML. */
  kubeconfig(): string {
    return kubeconfigFor(this.#url);
  }

  /** Calls `observer` for every request; returns what ends that. */
  onRequest(observer: (record: RequestRecord) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Forgets all history now: watches and pages that start at an older version get 410. */
  compact(): void {
    for (const { store } of this.#registry.all()) store.compact();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (!isLocal(request)) {
        send(response, plain(403, 'only local programs may use this server\n'));
        return;
      }
      const resourceRequest = parseResourceRequest(request);
      const body = await readBody(request);
      if (resourceRequest === undefined) {
        send(response, await this.#discovery.handle(request, body));
      } else {
        await this.#serveResource(resourceRequest, body, response);
      }
    } catch (error) {
      this.#fail(response, error);
    }
  }

  async #serveResource(
    request: ResourceRequest,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const fault = this.faults.take(request);
    if (fault?.latency !== undefined) await this.#clock.sleep(fault.latency);
    if (fault?.dropConnection === 'before') {
      this.#drop(request, response);
      return;
    }
    const error = fault && errorOf(fault, request);
    const answer = error ? fromStatus(error.status) : await this.#answer(request, body);
    if (fault?.dropConnection === 'after') {
      this.#drop(request, response);
      return;
    }
    this.#report(request, answer.kind === 'text' ? answer.code : 200);
    send(response, answer);
  }

  async #answer(request: ResourceRequest, body: Buffer): Promise<Answer> {
    try {
      return await this.#handler.handle(request, body);
    } catch (error) {
      return fromStatus(this.#statusOf(error).status);
    }
  }

  #drop(request: ResourceRequest, response: ServerResponse): void {
    this.#report(request, 0);
    response.destroy();
  }

  #fail(response: ServerResponse, error: unknown): void {
    if (response.headersSent || response.destroyed) response.destroy();
    else send(response, fromStatus(this.#statusOf(error).status));
  }

  /** Anything but a refusal is a mistake of this server: it is logged and becomes a 500. */
  #statusOf(error: unknown): StatusError {
    if (error instanceof StatusError) return error;
    this.#log.error('Request failed', error);
    return internalError(error instanceof Error ? error.message : String(error));
  }

  #report(request: ResourceRequest, code: number): void {
    if (this.#observers.size === 0) return;
    const { verb, group, resource, namespace, name, subresource, userAgent } = request;
    const record = { verb, group, resource, namespace, name, subresource, userAgent, code };
    for (const observer of this.#observers) observer(record);
  }
}

/**
 * Whether the request comes from a program on this machine. A page in a browser sends an Origin, or
 * a Host that its author had resolved to this address.
 */
function isLocal({ headers }: IncomingMessage): boolean {
  const host = headers.host ?? '';
  const name = host.startsWith('[') ? host.slice(0, host.indexOf(']') + 1) : host.split(':', 1)[0];
  const isLoopback =
    name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name ?? '');
  return isLoopback && headers.origin === undefined;
}
