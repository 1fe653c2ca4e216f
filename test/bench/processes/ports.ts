import { createServer } from 'node:net';

/** So many ports of the loopback interface that are free now and differ. */
export async function freePorts(count: number): Promise<number[]> {
  await using stack = new AsyncDisposableStack();
  const ports: number[] = [];
  while (ports.length < count) {
    const server = stack.use(createServer());
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
    await promise;
    const address = server.address();
    if (address !== null && typeof address === 'object') ports.push(address.port);
  }
  return ports; // let go together: the system could hand out the same one twice
}
