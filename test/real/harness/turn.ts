import { createServer, type Server } from 'node:net';
import { pause } from './eventually.ts';

/**
 * Waits until nobody else on this machine has the turn, and takes it; it ends with the process at the
 * latest. The lock is a socket in Linux' abstract namespace, which leaves no file.
 */
export async function takeTurn(name: string): Promise<AsyncDisposable> {
  for (;;) {
    const server = await listen(`\0${name}`);
    if (server !== undefined) return server;
    await pause(0.05);
  }
}

/** `undefined` while somebody else listens there. */
function listen(path: string): Promise<Server | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Server | undefined>();
  const server = createServer();
  server.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') resolve(undefined);
    else reject(error);
  });
  server.listen({ path }, () => resolve(server));
  return promise;
}
