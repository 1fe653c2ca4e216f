import { pods } from '#api/core.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { podNamespace } from '#local/cluster.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { atLeast, atMost, figure, type Figure, type Result, type Side } from '../figures.ts';
import type { Sizes } from '../options.ts';
import { startHostNode } from '../processes/host-node.ts';
import { startManager, untilQuiet, type ManagerProcess } from '../processes/manager.ts';
import { usageOf } from '../processes/usage.ts';
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
  const areProvisioned = (): boolean => watch.provisioned.size === count;
  await until(run, 'all Machines are provisioned', areProvisioned, { pause: 5 });
  const seconds = (run.clock.monotonic() - start.time) / 1000;
  await checkPods(server, count);
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
  await until(run, 'all Machines are gone', () => watch.existing.size === 0, { pause: 5 });
  const seconds = (run.clock.monotonic() - start.time) / 1000;
  await checkPods(server, 0);
  run.say(`${count} Machines deleted in ${seconds.toFixed(1)} s`);
  await untilQuiet(run, manager);
  return [
    figure('deleted', count / seconds, '/s', runsPods ? undefined : atLeast(100)),
    ...(await spent('deletion', work, start)),
  ];
}

/** What Machines say of their Pods is not taken on trust. */
async function checkPods({ client }: Server, expected: number): Promise<void> {
  const { items } = await client.list(pods, { namespace: podNamespace });
  if (items.length !== expected) throw new Error(`${items.length} Pods instead of ${expected}`);
}

interface Start {
  /** Monotonic. */
  time: number;
  cpuSeconds: Record<'manager' | 'control plane' | 'benchmark', number>;
  requests: RequestCounts;
  all: RequestCounts | undefined;
}

async function begin(work: Work): Promise<Start> {
  const { run, server, manager } = work;
  const cpuSeconds = await cpuSecondsNow(work);
  const requests = await manager.requestCounts();
  const all = await server.requestCounts?.();
  return { time: run.clock.monotonic(), cpuSeconds, requests, all };
}

async function cpuSecondsNow({ server, manager }: Work): Promise<Start['cpuSeconds']> {
  const [own, theirs, ours] = await Promise.all([
    manager.process.usage(),
    server.cpuSeconds(),
    usageOf(process.pid),
  ]);
  return { manager: own.cpuSeconds, 'control plane': theirs, benchmark: ours.cpuSeconds };
}

/** What the phase since `start` has cost. */
async function spent(
  phase: string,
  work: Work,
  start: Start,
  mostWrites?: number,
): Promise<Figure[]> {
  const { server, manager, count } = work;
  const cpuSeconds = await cpuSecondsNow(work);
  const requests = difference(await manager.requestCounts(), start.requests);
  const all = await server.requestCounts?.();
  const perMachine = (number: number): number => number / count;
  const others =
    all && start.all && totalWrites(difference(all, start.all)) - totalWrites(requests);
  const budget = mostWrites === undefined ? undefined : atMost(mostWrites);
  return [
    ...processes.map((name) =>
      figure(
        `${phase}: CPU per Machine, ${name}`,
        perMachine(cpuSeconds[name] - start.cpuSeconds[name]) * 1000,
        'ms',
      ),
    ),
    figure(`${phase}: writes per Machine, manager`, perMachine(totalWrites(requests)), '', budget),
    ...(others === undefined
      ? []
      : [figure(`${phase}: writes per Machine, all others`, perMachine(others), '')]),
    ...[...byVerb(requests)].map(([verb, number]) =>
      figure(`${phase}: ${verb} per Machine, manager`, perMachine(number), ''),
    ),
  ];
}

const processes = ['manager', 'control plane', 'benchmark'] as const;
