import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { parseAddress } from './address.ts';
import type { Logger } from './log.ts';

export interface ProbesOptions {
  /** Where `/healthz` and `/readyz` are, e.g. `:8081`; `0`: nowhere. */
  healthAddress: string;
  /** Where `/metrics` is; may be the same. */
  metricsAddress: string;
  registry: Registry;
  /** Names of what is not ready yet; empty: ready. */
  unready: () => readonly string[];
  log: Logger;
}

interface Answer {
  status: number;
  type?: string;
  body: string;
}

type Routes = Readonly<Record<string, () => Answer | Promise<Answer>>>;

/** What a kubelet and Prometheus ask. */
export class Probes {
  readonly #routesByAddress = new Map<string, Routes>();
  readonly #log: Logger;
  readonly #servers: Server[] = [];

  /** @throws Error when an address is not one */
  constructor({ healthAddress, metricsAddress, registry, unready, log }: ProbesOptions) {
    this.#log = log;
    this.#add(healthAddress, {
      '/healthz': () => ({ status: 200, body: 'ok' }),
      '/readyz': () => readiness(unready()),
    });
    this.#add(metricsAddress, {
      '/metrics': async () => ({
        status: 200,
        type: registry.contentType,
        body: await registry.metrics(),
      }),
    });
  }

  /** Resolves to the open port of each address; rejects when one is taken. */
  async start(): Promise<ReadonlyMap<string, number>> {
    const ports = new Map<string, number>();
    for (const [address, routes] of this.#routesByAddress) {
      const server = createServer((request, response) => {
        void this.#respond(routes, request, response); // handles its own errors
      });
      this.#servers.push(server);
      ports.set(address, await listen(server, address));
      this.#log.info('Serving probes', { address, paths: Object.keys(routes) });
    }
    return ports;
  }

  async close(): Promise<void> {
    for (const server of this.#servers.splice(0)) {
      server.closeAllConnections();
      if (server.listening) await server[Symbol.asyncDispose]();
    }
  }

  #add(address: string, routes: Routes): void {
    if (parseAddress(address) === undefined) return;
    this.#routesByAddress.set(address, { ...this.#routesByAddress.get(address), ...routes });
  }

  async #respond(
    routes: Routes,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      const { status, type = 'text/plain; charset=utf-8', body } = await answer(routes, request);
      response.writeHead(status, { 'content-type': type }).end(body);
    } catch (error) {
      this.#log.error('Failed to answer a probe', error, { path: request.url });
      response.writeHead(500).end();
    }
  }
}

async function answer(routes: Routes, { method, url = '/' }: IncomingMessage): Promise<Answer> {
  const [path = '/'] = url.split('?', 1);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (route === undefined) return { status: 404, body: `${Object.keys(routes).join('\n')}\n` };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'GET or HEAD\n' };
  return route();
}

function readiness(unready: readonly string[]): Answer {
  if (unready.length === 0) return { status: 200, body: 'ok' };
  return { status: 503, body: `not ready: ${unready.join(', ')}\n` };
}

async function listen(server: Server, address: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(parseAddress(address), resolve);
  await promise.catch((error: unknown) => {
    throw new Error(`cannot listen on ${address}`, { cause: error });
  });
  const bound = server.address();
  return typeof bound === 'object' && bound !== null ? bound.port : 0;
}
