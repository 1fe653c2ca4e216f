import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import { view } from '#local/apiserver/object.ts';

/** The URL of somebody who takes every connection and never says a word, until the test ends. */
export async function startSilentServer(t: ExecutionContext): Promise<string> {
  const { url, close } = await listenSilently();
  t.teardown(close);
  return url;
}

export async function listenSilently(): Promise<{ url: string; close: () => Promise<void> }> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // whoever gives up may do it rudely
    socket.once('close', () => sockets.delete(socket));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  const { port } = view<AddressInfo>(server.address());
  const close = async (): Promise<void> => {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    for (const socket of sockets) socket.destroy();
    await closed.promise;
  };
  return { url: `http://127.0.0.1:${port}`, close };
}
