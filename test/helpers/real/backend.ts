import { LocalCluster } from '#local/cluster.ts';
import { ifFound } from '#runtime/client/errors.ts';
import type { KubeClient } from '#runtime/client/kube-client.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import type { Backend, StoryClock } from '../backend.ts';
import { machineGroup, machinesOfGroup } from '../machine-group.ts';
import { administrator, takeControlPlane, wipe } from './control-plane.ts';
import { haveRights, installRights } from './rights.ts';
import { RealServer } from './server.ts';
import { admitsPods } from './service-account.ts';

export { clientAuthority } from './control-plane.ts';

/** Time passes by itself; whoever advances it waits. */
const passingClock: StoryClock = {
  step: Infinity,
  now: () => realClock.now(),
  monotonic: () => realClock.monotonic(),
  setTimeout: (callback, delay) => realClock.setTimeout(callback, delay),
  sleep: (delay, signal) => realClock.sleep(delay, signal),
  advance: (milliseconds) => realClock.sleep(milliseconds),
};

/**
 * A real API server with the real controller manager and scheduler; the host node, which runs the
 * hollow-node Pods, is the embedded cluster's. Managers and hollow nodes have the rights of an
 * installation, everybody else is an administrator.
 */
export async function openBackend(): Promise<Backend> {
  const turn = await takeControlPlane();
  const { access } = turn;
  const server = new RealServer(access, realClock);
  await server.listen();
  const cluster = await LocalCluster.open({
    clock: passingClock,
    log: silentLogger,
    server,
    controllers: false,
    manager: { 'machine-api-groups': [machineGroup] },
  });
  const client = administrator(access);
  await installRights(cluster, server, client);
  while (!(await isOpen(client)) || !(await haveRights(cluster))) await realClock.sleep(20);
  const close = async (): Promise<void> => {
    await wipe(client);
    await client.close();
    turn.end();
  };
  return { clock: passingClock, cluster, close };
}

/** Custom resources are served some time after their definition is accepted. */
async function isOpen(client: KubeClient): Promise<boolean> {
  return (await ifFound(client.list(machinesOfGroup))) !== undefined && (await admitsPods(client));
}
