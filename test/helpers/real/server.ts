import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http';
import { Agent, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fromStatus, send } from '#local/apiserver/answer.ts';
import { readBody } from '#local/apiserver/body.ts';
import { errorOf, Faults } from '#local/apiserver/faults.ts';
import { kubeconfigFor } from '#local/apiserver/kubeconfig.ts';
import { view } from '#local/apiserver/object.ts';
import { parseResourceRequest, type ResourceRequest } from '#local/apiserver/request.ts';
import type { RequestRecord } from '#local/apiserver/server.ts';
import type { Access } from '#kubernetes/credentials.ts';
import type { ClusterServer } from '#local/cluster.ts';
import type { Clock } from '#runtime/clock.ts';

/**
 * A real API server as stories need one: requests can be watched, and fail to order. It stands before
 * the server, speaks plain HTTP on loopback and asks everything in the name of an administrator, but
 * for programs that have a name of their own.
 */
export class RealServer implements ClusterServer {
  readonly faults = new Faults();
  readonly #upstream: Access;
  readonly #clock: Clock;
  readonly #agent: Agent;
  readonly #server: Server;
  readonly #observers = new Set<(record: RequestRecord) => void>();
  /** By the beginning of a user agent. */
  readonly #tokens = new Map<string, string>();
  #url = '';

  constructor(upstream: Access, clock: Clock) {
    this.#upstream = upstream;
    this.#clock = clock;
    this.#agent = new Agent({ keepAlive: true, ca: upstream.authority });
    this.#server = createServer({ requestTimeout: 0, noDelay: true });
    this.#server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.#serve(request, response).catch(() => response.destroy());
    });
  }

  async listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#server.once('error', reject);
    this.#server.listen(0, '127.0.0.1', resolve);
    await promise;
    const { port } = view<AddressInfo>(this.#server.address());
    this.#url = `http://127.0.0.1:${port}`;
  }

  get url(): string {
    return this.#url;
  }

  kubeconfig(): string {
    return kubeconfigFor(this.#url);
  }

  onRequest(observer: (record: RequestRecord) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** From now on a program asks with this token. */
  authenticate(userAgent: string, token: string): void {
    this.#tokens.set(userAgent, token);
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    this.#agent.destroy();
    await promise;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = parseResourceRequest(request);
    const body = await readBody(request);
    const fault = asked && this.faults.take(asked);
    if (fault?.latency !== undefined) await this.#clock.sleep(fault.latency);
    const error = asked && fault && errorOf(fault, asked);
    if (fault?.dropConnection === 'before') {
      response.destroy();
      this.#report(asked, 0);
    } else if (error !== undefined) {
      send(response, fromStatus(error.status));
      this.#report(asked, error.status.code);
    } else {
      const answer = await this.#forward(request, body);
      if (fault?.dropConnection === 'after') {
        answer.destroy();
        response.destroy();
        this.#report(asked, 0);
      } else {
        this.#relay(answer, response, asked);
        this.#report(asked, answer.statusCode ?? 0);
      }
    }
  }

  #forward(request: IncomingMessage, body: Buffer): Promise<IncomingMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { host: _, connection: __, 'transfer-encoding': ___, ...headers } = request.headers;
    const forwarded = sendRequest(new URL(request.url ?? '/', this.#upstream.url), {
      method: request.method,
      agent: this.#agent,
      headers: {
        ...headers,
        authorization: `Bearer ${this.#tokenOf(request.headers['user-agent'])}`,
        'content-length': body.length,
      },
    });
    forwarded.once('response', resolve);
    forwarded.once('error', reject);
    forwarded.end(body);
    return promise;
  }

  #tokenOf(userAgent = ''): string {
    const [, token] = [...this.#tokens].find(([name]) => userAgent.startsWith(name)) ?? [];
    return token ?? this.#upstream.token;
  }

  #relay(
    answer: IncomingMessage,
    response: ServerResponse,
    asked: ResourceRequest | undefined,
  ): void {
    const { connection: _, ...headers }: OutgoingHttpHeaders = answer.headers;
    response.writeHead(answer.statusCode ?? 502, headers);
    response.flushHeaders();
    answer.pipe(response);
    const drop = (): void => {
      answer.destroy();
      response.destroy();
    };
    answer.once('error', drop);
    response.once('close', drop);
    if (asked?.verb !== 'watch') return;
    const untrack = this.faults.track({ request: asked, stream: { drop } });
    response.once('close', untrack);
  }

  #report(request: ResourceRequest | undefined, code: number): void {
    if (request === undefined) return;
    const { verb, group, resource, namespace, name, subresource, userAgent } = request;
    const record = { verb, group, resource, namespace, name, subresource, userAgent, code };
    for (const observer of this.#observers) observer(record);
  }
}
