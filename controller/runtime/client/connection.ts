import { createSecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { Agent } from 'undici';
import type { Clock } from '../clock.ts';
import type { ClusterConfig, Credentials, TlsOptions } from './cluster-config.ts';

/** Tokens rotate and plugins answer anew; asking for them on each request would be too costly. */
const credentialsLifetime = 10_000;

export interface Session {
  readonly dispatcher: Dispatcher;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * One pool of sockets to one API server, and the headers that open it.
 *
 * The pool lives until the client certificate changes: then requests under way end on the old one.
 */
export class Connection {
  readonly #config: ClusterConfig;
  readonly #clock: Clock;
  #credentials: Credentials | undefined;
  #dispatcher: Dispatcher | undefined;
  #readAt = -Infinity;
  #refreshing: Promise<Session> | undefined;

  constructor(config: ClusterConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  async session(): Promise<Session> {
    const isFresh = this.#clock.monotonic() - this.#readAt < credentialsLifetime;
    if (isFresh && this.#dispatcher !== undefined && this.#credentials !== undefined) {
      return { dispatcher: this.#dispatcher, headers: this.#credentials.headers };
    }
    this.#refreshing ??= this.#refresh().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** The server refused `used`: reads the credentials again. Resolves to whether they are others. */
  async renew(used: Session): Promise<boolean> {
    this.#readAt = -Infinity;
    const { headers } = await this.session();
    return JSON.stringify(headers) !== JSON.stringify(used.headers);
  }

  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
  }

  async #refresh(): Promise<Session> {
    const credentials = await this.#config.credentials();
    let dispatcher = this.#dispatcher;
    if (dispatcher === undefined || !isSameTls(credentials.tls, this.#credentials?.tls)) {
      // Not awaited: it ends when the last watch on the old certificate does.
      void dispatcher?.close();
      dispatcher = (await this.#config.createDispatcher?.()) ?? createAgent(credentials.tls);
    }
    this.#dispatcher = dispatcher;
    this.#credentials = credentials;
    this.#readAt = this.#clock.monotonic();
    return { dispatcher, headers: credentials.headers };
  }
}

function createAgent(tls: TlsOptions): Agent {
  // Once, not for each socket: reading the certificates takes 30 ms.
  const secureContext = createSecureContext(tls);
  return new Agent({
    connections: null,
    pipelining: 1,
    // HTTP/2 would put all watches on one socket, and one lost packet would stall them all.
    allowH2: false,
    // Longer than the 10 s between lease renewals, so that they share a socket.
    keepAliveTimeout: 60_000,
    // Shorter than the idle time-outs of load balancers, so that a watch outlives them.
    connect: { ...tls, secureContext, keepAlive: true, keepAliveInitialDelay: 30_000 },
  });
}

function isSameTls(one: TlsOptions, other: TlsOptions | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
