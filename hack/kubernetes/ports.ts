import { createServer, type Server } from 'node:net';
import { messageOf } from '#runtime/error-text.ts';
import type { Ports } from './components.ts';

const host = '127.0.0.1';

/** The wanted port cannot be had. */
export class PortError extends Error {
  override readonly name = 'PortError';
}

/**
 * Ports that are free now and differ. `apiServer`: the wanted one, or 0 for any.
 *
 * @throws PortError
 */
export async function freePorts({ apiServer }: { apiServer: number }): Promise<Ports> {
  const wanted = await listen(apiServer).catch((cause: unknown) => {
    throw new PortError(`port ${apiServer} is not free: ${messageOf(cause)}`, { cause });
  });
  // All are held until all are known: the system could hand out the same one twice.
  const servers = [wanted, await listen(0), await listen(0)];
  const [first, second, third] = servers.map(portOf);
  await Promise.all(servers.map(close));
  return { apiServer: first ?? 0, etcdClient: second ?? 0, etcdPeer: third ?? 0 };
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const server = await listen(0);
  const port = portOf(server);
  await close(server);
  return port;
}

function listen(port: number): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const server = createServer();
  server.once('error', reject);
  server.listen({ host, port }, () => resolve(server));
  return promise;
}

function portOf(server: Server): number {
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

function close(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  return promise;
}
