import type { Dispatcher } from 'undici';
import type { ClusterConfig } from '#runtime/client/cluster-config.ts';
import { Connection, type Session } from '#runtime/client/connection.ts';
import type { Clock } from '#runtime/clock.ts';
import { endToEnd, type Answer, type Headers, type StreamedAnswer } from './exchange.ts';

type ResponseData = Dispatcher.ResponseData;
type UndiciAnswer = StreamedAnswer & Pick<ResponseData, 'body'>;

export interface UpstreamRequest {
  method: string;
  /** Path and query. */
  target: string;
  headers: Headers;
  body: Buffer;
  signal: AbortSignal;
  /** It will be answered for long. */
  isWatch?: boolean;
}

/** The API server, asked with the credentials of the kubeconfig, whatever the kubelet has. */
export class Upstream {
  readonly #connection: Connection;
  readonly #origin: string;
  readonly #prefix: string;

  constructor(config: ClusterConfig, clock: Clock) {
    const url = new URL(config.server);
    this.#connection = new Connection(config, clock);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, '');
  }

  /** The body comes as it comes. Once more after a 401 if the credentials have changed meanwhile. */
  async stream(request: UpstreamRequest): Promise<UndiciAnswer> {
    const session = await this.#connection.session();
    let response = await this.#send(request, session);
    if (response.statusCode === 401 && (await this.#connection.renew(session))) {
      await response.body.dump();
      response = await this.#send(request, await this.#connection.session());
    }
    const { statusCode, body, headers } = response;
    const length = headers['content-length'];
    const passed = { ...endToEnd(headers), ...(length && { 'content-length': length }) };
    return { statusCode, headers: passed, body };
  }

  /** The whole answer, not compressed. */
  async exchange(request: UpstreamRequest): Promise<Answer> {
    const { 'accept-encoding': _, ...headers } = request.headers;
    const { body, ...answer } = await this.stream({ ...request, headers });
    return { ...answer, body: Buffer.from(await body.arrayBuffer()) };
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  #send(request: UpstreamRequest, session: Session): Promise<ResponseData> {
    const { method, target, headers, body, signal, isWatch = false } = request;
    return session[isWatch ? 'watches' : 'requests'].request({
      origin: this.#origin,
      path: this.#prefix + target,
      method,
      headers: { ...headers, ...session.headers },
      body: body.length > 0 ? body : null,
      signal,
      reset: false, // undici closes the connection of a DELETE with a body otherwise
      // The kubelet decides how long it waits.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }
}
