import { machines } from '#api/machine/v1beta1/machine.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { atLeast, atMost, figure, type Figure, type Result, type Side } from '../figures.ts';
import type { Sizes } from '../options.ts';
import { startHostNode } from '../processes/host-node.ts';
import { startManager, untilQuiet, type ManagerProcess } from '../processes/manager.ts';
import { forEachOf, until, type Run } from '../run.ts';
import { startEmbeddedServer } from '../servers/embedded.ts';
import { startRealServer } from '../servers/real.ts';
import { byVerb, difference, totalWrites, type RequestCounts } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';
import { watchMachines, type MachineWatch } from './machine-watch.ts';
import { newMachines } from './objects.ts';

/** How many requests of the benchmark itself are under way at the same time. */
const width = 20;

/**
 * N Machines at once, then their deletion: on a real API server where nothing else runs, for the rate;
 * then fewer where Pods run, for all that is written until nothing happens any more.
 */
export async function measureMachines(run: Run, { count, settled }: Sizes): Promise<Result> {
  const sides: Side[] = [];
  {
    await using server = await startRealServer(run, { isFull: false });
    const figures = await measure(run, server, { count, runsPods: false });
    sides.push({ name: 'kube-apiserver, no kubelet', figures });
  }
  {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startRealServer(run, { isFull: true }));
    stack.use(await startHostNode(run, server));
    const figures = await measure(run, server, { count: settled, runsPods: true });
    sides.push({ name: 'kube-apiserver, Pods run', figures });
  }
  {
    await using server = await startEmbeddedServer(run);
    const figures = await measure(run, server, { count: settled, runsPods: true });
    sides.push({ name: 'embedded, Pods run', figures });
  }
  return { benchmark: 'machines', parameters: { count, settled }, sides };
}

async function measure(
  run: Run,
  server: Server,
  { count, runsPods }: { count: number; runsPods: boolean },
): Promise<Figure[]> {
  await using manager = await startManager(run, server);
  await using watch = await watchMachines(run, server);
  const work: Work = { run, server, manager, watch, count, runsPods };
  return [
    figure('Machines', count, ''),
    ...(await measureCreation(work)),
    ...(await measureDeletion(work)),
    figure('manager: peak RSS', (await manager.process.usage()).peakRSS, 'MB'),
  ];
}

interface Work {
  run: Run;
  server: Server;
  manager: ManagerProcess;
  watch: MachineWatch;
  count: number;
  /** There are a scheduler and a kubelet. */
  runsPods: boolean;
}

async function measureCreation(work: Work): Promise<Figure[]> {
  const { run, server, manager, watch, count, runsPods } = work;
  const start = await begin(work);
  await forEachOf(run, newMachines(count), width, (machine) =>
    server.client.create(machines, machine),
  );
  const areProvisioned = (): boolean =>
    watch.identified.size === count && watch.pods.size === count;
  await until(run, 'all Machines are provisioned', areProvisioned, { pause: 5 });
  const seconds = (run.clock.monotonic() - start.time) / 1000;
  run.say(`${count} Machines provisioned in ${seconds.toFixed(1)} s`);
  if (runsPods) await until(run, 'all Machines run', () => watch.settled.size === count);
  const settledAfter = (run.clock.monotonic() - start.time) / 1000;
  await untilQuiet(run, manager);
  return [
    figure('provisioned', count / seconds, '/s', runsPods ? undefined : atLeast(100)),
    ...(runsPods ? [figure('settled after', settledAfter, 's')] : []),
    ...(await spent('creation', work, start, runsPods ? 6 : undefined)),
  ];
}

async function measureDeletion(work: Work): Promise<Figure[]> {
  const { run, server, manager, watch, count, runsPods } = work;
  const start = await begin(work);
  await forEachOf(run, newMachines(count), width, (machine) =>
    server.client.delete(machines, keyOf(machine)),
  );
  const areGone = (): boolean => watch.existing.size === 0 && watch.pods.size === 0;
  await until(run, 'all Machines are gone', areGone, { pause: 5 });
  const seconds = (run.clock.monotonic() - start.time) / 1000;
  run.say(`${count} Machines deleted in ${seconds.toFixed(1)} s`);
  await untilQuiet(run, manager);
  return [
    figure('deleted', count / seconds, '/s', runsPods ? undefined : atLeast(100)),
    ...(await spent('deletion', work, start)),
  ];
}

interface Start {
  /** Monotonic. */
  time: number;
  cpuSeconds: number;
  requests: RequestCounts;
  all: RequestCounts | undefined;
}

async function begin({ run, server, manager }: Work): Promise<Start> {
  const { cpuSeconds } = await manager.process.usage();
  const requests = await manager.requestCounts();
  const all = await server.requestCounts?.();
  return { time: run.clock.monotonic(), cpuSeconds, requests, all };
}

/** What the phase since `start` has cost. */
async function spent(
  phase: string,
  { server, manager, count }: Work,
  start: Start,
  mostWrites?: number,
): Promise<Figure[]> {
  const requests = difference(await manager.requestCounts(), start.requests);
  const { cpuSeconds } = await manager.process.usage();
  const all = await server.requestCounts?.();
  const others =
    all && start.all ? totalWrites(difference(all, start.all)) - totalWrites(requests) : undefined;
  return [
    figure(
      `${phase}: manager's CPU per Machine`,
      ((cpuSeconds - start.cpuSeconds) * 1000) / count,
      'ms',
    ),
    figure(
      `${phase}: manager's writes per Machine`,
      totalWrites(requests) / count,
      '',
      mostWrites === undefined ? undefined : atMost(mostWrites),
    ),
    ...[...byVerb(requests)].map(([verb, number]) =>
      figure(`${phase}: manager's ${verb} per Machine`, number / count, ''),
    ),
    ...(others === undefined
      ? []
      : [figure(`${phase}: writes of all others per Machine`, others / count, '')]),
  ];
}
