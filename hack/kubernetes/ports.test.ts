import { createServer } from 'node:net';
import test from 'ava';
import { freePort, freePorts, PortError } from './ports.ts';

test('free ports differ', async (t) => {
  const { apiServer, etcdClient, etcdPeer } = await freePorts({ apiServer: 0 });
  t.is(new Set([apiServer, etcdClient, etcdPeer, 0]).size, 4);
  t.true((await freePort()) > 0);
});

test('the wanted port is taken, unless somebody has it', async (t) => {
  const { apiServer: wanted } = await freePorts({ apiServer: 0 });
  t.is((await freePorts({ apiServer: wanted })).apiServer, wanted);
  const other = createServer();
  await new Promise<void>((resolve) => void other.listen(wanted, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  await t.throwsAsync(freePorts({ apiServer: wanted }), {
    instanceOf: PortError,
    message: new RegExp(`^port ${wanted} is not free: .*EADDRINUSE`),
  });
});
