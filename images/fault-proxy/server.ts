import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { isIPv6, type AddressInfo } from 'node:net';
import { Exchange } from './exchange.ts';

export interface ServerOptions {
  host: string;
  /** 0: any. */
  port: number;
  /** PEM. With them it speaks TLS, HTTP/1.1 and HTTP/2; else plain HTTP/1.1. */
  tls?: { cert: Buffer; key: Buffer };
  /** @param target path and query */
  serve: (exchange: Exchange, target: string) => Promise<void>;
}

/** Where kubelets ask. */
export interface ProxyServer extends AsyncDisposable {
  readonly url: string;
}

export async function startServer({ host, port, tls, serve }: ServerOptions): Promise<ProxyServer> {
  const onRequest = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    void serve(new Exchange(request, response), request.url ?? '/'); // breaks the connection when it fails
  };
  const server: Server | Http2SecureServer = tls
    ? createSecureServer({ ...tls, allowHTTP1: true }, onRequest)
    : createServer(onRequest);
  // A kubelet is silent for 10 s at a time, and a watch is one request for minutes.
  server.setTimeout(0);
  if ('requestTimeout' in server)
    Object.assign(server, { requestTimeout: 0, keepAliveTimeout: 90_000 });
  const sockets = new Set<AsyncDisposable & { destroy(): void }>();
  server.on('connection', (socket) => {
    socket.setNoDelay(true);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listening = Promise.withResolvers<void>();
  server.once('error', listening.reject);
  server.listen(port, host, listening.resolve);
  await listening.promise;
  const address: AddressInfo | string | null = server.address();
  const actual = address !== null && typeof address === 'object' ? address.port : port;
  return {
    url: `${tls ? 'https' : 'http'}://${isIPv6(host) ? `[${host}]` : host}:${actual}`,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      for (const socket of sockets) socket.destroy();
      await closed.promise;
    },
  };
}
