import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ExecutionContext } from 'ava';
import { KubeClient, type KubeClientOptions } from '../client/kube-client.ts';
import { realClock } from '../clock.ts';

export interface PeerRequest {
  method: string;
  url: URL;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Peer {
  url: string;
  /** What was asked so far. */
  requests: PeerRequest[];
  /** How many sockets were ever opened. */
  accepted(): number;
  /** How many sockets are open. */
  connections(): Promise<number>;
}

/** A real server on a free port that answers as the test says; gone when the test ends. */
export async function startPeer(
  t: ExecutionContext,
  respond: (response: ServerResponse, request: PeerRequest) => void,
): Promise<Peer> {
  const requests: PeerRequest[] = [];
  const server = createServer((incoming, response) => {
    const answer = async (): Promise<void> => {
      const request = await receive(incoming);
      requests.push(request);
      respond(response, request);
    };
    void answer(); // a failure is an unhandled rejection, which fails the test
  });
  let accepted = 0;
  server.on('connection', () => (accepted += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const connections = (): Promise<number> =>
    new Promise((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  return { url: `http://127.0.0.1:${port}`, requests, connections, accepted: () => accepted };
}

/** A client of the peer, on the real clock unless told otherwise. */
export function connect(
  t: ExecutionContext,
  server: string,
  options: Partial<KubeClientOptions> = {},
): KubeClient {
  const client = new KubeClient({ clock: realClock, userAgent: 'test', server, ...options });
  t.teardown(() => client.close());
  return client;
}

export function sendJson(response: ServerResponse, body: object, code = 200): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

export function sendStatus(
  response: ServerResponse,
  code: number,
  reason: string,
  headers: Record<string, string> = {},
): void {
  const body = { kind: 'Status', status: 'Failure', code, reason, message: `because ${reason}` };
  response.writeHead(code, headers).end(JSON.stringify(body));
}

async function receive(incoming: IncomingMessage): Promise<PeerRequest> {
  const { method = '', url = '/', headers } = incoming;
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  return { method, url: new URL(url, 'http://peer'), headers, body };
}
