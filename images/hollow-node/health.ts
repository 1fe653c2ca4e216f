import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Logger } from '#runtime/log.ts';

/**
 * Answers `/healthz` on the kubelet's port, for probes of the Pod the node runs in. Plain HTTP, as
 * kubemark's. A port that is taken is no reason to fail: nodes that share a host share the port.
 */
export function serveHealth(port: number, log: Logger): Promise<Server> {
  const server = createServer((request, response) => {
    const isHealthz = request.url?.split('?', 1)[0] === '/healthz';
    response.writeHead(isHealthz ? 200 : 404, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(isHealthz ? 'ok' : '404 page not found\n');
  });
  return new Promise((resolve) => {
    server.once('error', (error) => {
      log.error('Failed to listen on the kubelet port, going on without /healthz', error, { port });
      resolve(server);
    });
    server.listen(port, () => resolve(server));
  });
}
