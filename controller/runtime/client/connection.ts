import { createSecureContext, type SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { Agent } from 'undici';
import type { Clock } from '../clock.ts';
import type { ClusterConfig, Credentials, TlsOptions } from './cluster-config.ts';

/** Tokens rotate and plugins answer anew; asking for them on each request would be too costly. */
const credentialsLifetime = 10_000;

/**
 * At the same time, others wait. An API server works on 400 reads and 200 writes at once and refuses what
 * comes beyond; a thousand hollow nodes of one process, starting together, would open 4,000 sockets.
 */
const mostRequests = 200;

/** Two, because undici looks for a free socket among all of a pool, and that of a watch never is. */
interface Pools {
  readonly requests: Dispatcher;
  readonly watches: Dispatcher;
}

export interface Session extends Pools {
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The sockets to one API server, and the headers that open it.
 *
 * They live until the client certificate changes: then requests under way end on the old ones.
 */
export class Connection {
  readonly #config: ClusterConfig;
  readonly #clock: Clock;
  #credentials: Credentials | undefined;
  #pools: Pools | undefined;
  #readAt = -Infinity;
  #refreshing: Promise<Session> | undefined;

  constructor(config: ClusterConfig, clock: Clock) {
    this.#config = config;
    this.#clock = clock;
  }

  async session(): Promise<Session> {
    const isFresh = this.#clock.monotonic() - this.#readAt < credentialsLifetime;
    if (isFresh && this.#pools !== undefined && this.#credentials !== undefined) {
      return { ...this.#pools, headers: this.#credentials.headers };
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
    await Promise.all([this.#pools?.requests.destroy(), this.#pools?.watches.destroy()]);
  }

  async #refresh(): Promise<Session> {
    const credentials = await this.#config.credentials();
    let pools = this.#pools;
    if (pools === undefined || !isSameTls(credentials.tls, this.#credentials?.tls)) {
      const old = pools;
      pools = await this.#createPools(credentials.tls); // fails while only one of a pair's files is new
      // Not awaited: they end when the last watch on the old certificate does.
      void old?.requests.close();
      void old?.watches.close();
    }
    this.#pools = pools;
    this.#credentials = credentials;
    this.#readAt = this.#clock.monotonic();
    return { ...pools, headers: credentials.headers };
  }

  async #createPools(tls: TlsOptions): Promise<Pools> {
    const requests = await this.#config.createDispatcher?.();
    const watches = await this.#config.createDispatcher?.();
    if (requests && watches) return { requests, watches };
    // Once, not for each socket: reading the certificates takes 30 ms.
    const secureContext = createSecureContext(tls);
    return {
      requests: createAgent(tls, secureContext, mostRequests),
      watches: createAgent(tls, secureContext, null),
    };
  }
}

function createAgent(
  tls: TlsOptions,
  secureContext: SecureContext,
  connections: number | null,
): Agent {
  return new Agent({
    connections,
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
