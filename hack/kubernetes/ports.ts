import { createServer, type Server } from 'node:net';
import type { Ports } from './components.ts';

const host = '127.0.0.1';

/** Ports that are free now and differ. `apiServer`: the wanted one, or 0 for any. */
export async function freePorts({ apiServer }: { apiServer: number }): Promise<Ports> {
  // All are held until all are known: the system could hand out the same one twice.
  const servers = await Promise.all([listen(apiServer), listen(0), listen(0)]);
  const [first, second, third] = servers.map(portOf);
  await Promise.all(servers.map(close));
  return { apiServer: first ?? 0, etcdClient: second ?? 0, etcdPeer: third ?? 0 };
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
