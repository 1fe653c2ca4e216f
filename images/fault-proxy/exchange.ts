import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export type Headers = Readonly<Record<string, string | string[]>>;

/** An answer as a whole. */
export interface Answer {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** An answer as it comes. */
export interface StreamedAnswer {
  readonly statusCode: number;
  readonly headers: Headers;
  readonly body: Readable;
}

/** Of one connection (RFC 9110 §7.6.1), or of the other side's concern. */
const hopByHop = new Set([
  'authorization', // the proxy has its own
  'connection',
  'content-length', // follows from the body
  'expect', // the server has told the kubelet to continue
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What may be passed on. */
export function endToEnd(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':') && !hopByHop.has(name)) kept[name] = value;
  }
  return kept;
}

/** One request of a kubelet and its answer, over HTTP/1.1 or HTTP/2. */
export class Exchange {
  readonly method: string;
  readonly headers: Headers;
  /** Aborts when the kubelet has gone away, or was severed. */
  readonly signal: AbortSignal;
  readonly #request: IncomingMessage | Http2ServerRequest;
  readonly #response: ServerResponse | Http2ServerResponse;

  constructor(
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ) {
    const gone = new AbortController();
    this.method = request.method ?? 'GET';
    this.headers = endToEnd(request.headers);
    this.signal = gone.signal;
    this.#request = request;
    this.#response = response;
    response.once('close', () => gone.abort());
    request.on('error', () => gone.abort());
    response.on('error', () => gone.abort());
  }

  async body(): Promise<Buffer> {
    if (!this.#hasBody) return Buffer.alloc(0);
    const chunks: Buffer[] = [];
    for await (const chunk of this.#request) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks);
  }

  answer({ statusCode, headers, body }: Answer): void {
    this.#writeHead(statusCode, { ...headers, 'content-length': String(body.length) });
    this.#response.end(body);
  }

  /** Passes on what comes as it comes, the headers too where the body may be silent for minutes. */
  async relay({ statusCode, headers, body }: StreamedAnswer, isWatch: boolean): Promise<void> {
    this.#writeHead(statusCode, headers);
    if (isWatch && !('stream' in this.#response)) this.#response.flushHeaders();
    // The types know streams of version 1.1 only.
    const response: NodeJS.WritableStream = this.#response;
    await pipeline(body, response);
  }

  /** Breaks the connection, as a network does that is gone. */
  sever(): void {
    if ('stream' in this.#request) this.#request.stream.session?.destroy();
    else this.#request.socket.destroy();
  }

  /** As the headers tell; waiting for the end of a body that is not there takes a turn of the event loop. */
  get #hasBody(): boolean {
    if ('stream' in this.#request) return !this.#request.stream.endAfterHeaders;
    const { headers } = this.#request;
    return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  }

  #writeHead(statusCode: number, headers: Headers): void {
    if ('stream' in this.#response) this.#response.writeHead(statusCode, headers);
    else this.#response.writeHead(statusCode, { ...headers });
  }
}
