import type { Dispatcher } from 'undici';
import type { Clock } from '../clock.ts';
import { messageOf } from '../error-text.ts';
import type { ClusterConfig } from './cluster-config.ts';
import { Connection, type Session } from './connection.ts';
import { Deadline } from '../deadline.ts';
import { ApiError } from './errors.ts';
import { RateLimiter } from './rate-limiter.ts';
import { toApiError } from './status.ts';

type ResponseData = Dispatcher.ResponseData;
/** Whose sockets. */
type Pool = 'requests' | 'watches';

/** One exchange with the server, for metrics. */
export interface ObservedRequest {
  method: Method;
  host: string;
  /** The status code, or `<error>` when there was no answer (as client-go labels it). */
  code: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface TransportOptions {
  config: ClusterConfig;
  clock: Clock;
  userAgent: string;
  /** Requests per second, `burst` at once; ≤ 0: no limit. */
  qps: number;
  burst: number;
  requestObserver?: ((request: ObservedRequest) => void) | undefined;
}

export interface Request {
  method: Method;
  /** With the query. */
  path: string;
  body?: object;
  contentType?: string;
  signal?: AbortSignal | undefined;
  /** Milliseconds, waiting for a turn and for retries included. */
  timeout?: number | undefined;
}

const defaultTimeout = 30_000;
const mostRetries = 5;

/** Sends JSON, receives JSON: deadlines, retries the server asks for, and errors in one place. */
export class Transport {
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #limiter: RateLimiter | undefined;
  readonly #origin: string;
  readonly #prefix: string;
  readonly #host: string;
  readonly #userAgent: string;
  readonly #observe: ((request: ObservedRequest) => void) | undefined;

  constructor({ config, clock, userAgent, qps, burst, requestObserver }: TransportOptions) {
    const url = new URL(config.server);
    this.#clock = clock;
    this.#connection = new Connection(config, clock);
    this.#limiter = qps > 0 ? new RateLimiter({ clock, rate: qps, burst }) : undefined;
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
    this.#host = url.host;
    this.#userAgent = userAgent;
    this.#observe = requestObserver;
  }

  /** The answer's body; the server is trusted that it is an `Answer`. */
  async exchange<Answer>(request: Request): Promise<Answer> {
    using deadline = this.#deadline(request);
    try {
      const response = await this.#sendUntilAccepted(request, deadline, 'requests');
      const answer: Answer = JSON.parse(await response.body.text());
      return answer;
    } catch (error) {
      throw explained(request, error);
    }
  }

  /** The answer's body in pieces. Leaving the loop, or an abort, closes the socket. */
  async *stream(request: Request): AsyncGenerator<Buffer> {
    using deadline = this.#deadline(request);
    try {
      const response = await this.#sendUntilAccepted(request, deadline, 'watches');
      deadline.lift();
      yield* response.body;
    } catch (error) {
      throw explained(request, error);
    }
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #deadline({ timeout, signal }: Request): Deadline {
    return new Deadline(this.#clock, timeout ?? defaultTimeout, signal);
  }

  async #sendUntilAccepted(
    request: Request,
    deadline: Deadline,
    pool: Pool,
  ): Promise<ResponseData> {
    for (let retries = 0; ; retries++) {
      const response = await this.#sendAuthenticated(request, deadline, pool);
      if (response.statusCode < 300) return response;
      const error = toApiError(named(request), response.statusCode, await response.body.text());
      const delay = retries < mostRetries ? retryAfter(response) : undefined;
      if (delay === undefined || delay >= deadline.remaining) throw error;
      await this.#clock.sleep(delay, deadline.signal);
    }
  }

  /** Once more after a 401 if the credentials have changed meanwhile. */
  async #sendAuthenticated(
    request: Request,
    deadline: Deadline,
    pool: Pool,
  ): Promise<ResponseData> {
    const session = await this.#connection.session();
    const response = await this.#send(request, deadline, session[pool], session.headers);
    if (response.statusCode !== 401 || !(await this.#connection.renew(session))) return response;
    await response.body.dump();
    const { headers, [pool]: dispatcher } = await this.#connection.session();
    return this.#send(request, deadline, dispatcher, headers);
  }

  async #send(
    { method, path, body, contentType = 'application/json' }: Request,
    { signal }: Deadline,
    dispatcher: Dispatcher,
    headers: Session['headers'],
  ): Promise<ResponseData> {
    await this.#limiter?.acquire(signal);
    const options: Dispatcher.RequestOptions = {
      origin: this.#origin,
      path: this.#prefix + path,
      method,
      headers: {
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(body && { 'content-type': contentType }),
        ...headers,
      },
      body: body ? JSON.stringify(body) : null,
      signal,
      reset: false, // undici closes the connection of a DELETE with a body otherwise
      // The deadline decides, on our clock: a watch may be silent for minutes.
      headersTimeout: 0,
      bodyTimeout: 0,
    };
    let code = '<error>';
    try {
      const response = await dispatcher.request(options);
      code = String(response.statusCode);
      return response;
    } finally {
      this.#observe?.({ method, host: this.#host, code });
    }
  }
}

/** Milliseconds the server asks to wait before the same request is sent again. */
function retryAfter({ statusCode, headers }: ResponseData): number | undefined {
  if (statusCode !== 429 && statusCode !== 503) return undefined;
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function named({ method, path }: Request): string {
  return `${method} ${path.split('?', 1)[0]}`;
}

/** Says which request it was, unless the error knows or the caller gave up. */
function explained(request: Request, error: unknown): unknown {
  if (error instanceof ApiError) return error;
  if (request.signal?.aborted) return request.signal.reason;
  return new Error(`${named(request)}: ${messageOf(error)}`, { cause: error });
}
