import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { atMost, figure, type Figure, type Result, type Side } from '../figures.ts';
import { follow } from '../follow.ts';
import type { Sizes } from '../options.ts';
import { startHostNode } from '../processes/host-node.ts';
import { startManager, untilQuiet } from '../processes/manager.ts';
import { until, type Run } from '../run.ts';
import { startEmbeddedServer } from '../servers/embedded.ts';
import { startRealServer } from '../servers/real.ts';
import { difference, totalWrites } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';
import { newMachineSet } from './objects.ts';

/** A MachineSet that is scaled from 0 to N, to a twentieth of that and to 0, where Pods run. */
export async function measureMachineSets(run: Run, { count }: Sizes): Promise<Result> {
  const sides: Side[] = [];
  {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startRealServer(run, { isFull: true }));
    stack.use(await startHostNode(run, server));
    sides.push({ name: 'kube-apiserver', figures: await measure(run, server, count) });
  }
  {
    await using server = await startEmbeddedServer(run);
    sides.push({ name: 'embedded', figures: await measure(run, server, count) });
  }
  return { benchmark: 'machinesets', parameters: { count }, sides };
}

/** Seconds that a Machine may take until it is Ready, where a hundred are asked for at once. */
const timeToReady = 0.15;

async function measure(run: Run, server: Server, count: number): Promise<Figure[]> {
  await using manager = await startManager(run, server);
  await using watch = await watchSet(run, server);
  const set = await server.client.create(machineSets, newMachineSet());
  /** Of manager and control plane. */
  const cpuSeconds = async (): Promise<number> =>
    (await server.cpuSeconds()) + (await manager.process.usage()).cpuSeconds;
  const figures: Figure[] = [];
  let from = 0;
  for (const replicas of [count, Math.ceil(count / 20), 0]) {
    const before = await manager.requestCounts();
    const cpuBefore = await cpuSeconds();
    const startedAt = run.clock.monotonic();
    await server.client.patch(
      machineSets,
      keyOf(set),
      { spec: { replicas } },
      { subresource: 'scale' },
    );
    await until(run, `${replicas} Machines at rest`, () => watch.isAtRest(replicas), { pause: 5 });
    const seconds = (run.clock.monotonic() - startedAt) / 1000;
    const cpu = (await cpuSeconds()) - cpuBefore;
    const phase = `${from} → ${replicas}`;
    run.say(`${phase} in ${seconds.toFixed(1)} s`);
    await untilQuiet(run, manager);
    watch.check(from, replicas);
    const writes = totalWrites(difference(await manager.requestCounts(), before));
    const machineCount = Math.abs(replicas - from);
    const budget = replicas > from ? atMost(timeToReady * count) : undefined;
    figures.push(
      figure(`${phase}: at rest after`, seconds, 's', budget),
      figure(`${phase}: writes per Machine`, writes / machineCount, ''),
      figure(`${phase}: CPU per Machine`, (cpu / machineCount) * 1000, 'ms'),
    );
    from = replicas;
  }
  return figures;
}

interface SetWatch extends AsyncDisposable {
  /** Whether there are so many Machines, all of them Ready, and the status says so. */
  isAtRest(this: void, replicas: number): boolean;
  /** @throws Error when there were more Machines at a time, or fewer, than before or after the change */
  check(this: void, from: number, to: number): void;
}

async function watchSet(run: Run, { client }: Server): Promise<SetWatch> {
  const existing = new Set<string>();
  const leaving = new Set<string>();
  let set: MachineSet | undefined;
  let [fewest, most] = [0, 0];
  const stack = new AsyncDisposableStack();
  const followed = { client, kind: machines };
  const count = (): number => existing.size - leaving.size;
  stack.use(
    await follow(run, followed, ({ type, object: { metadata } }) => {
      const { uid = '', deletionTimestamp } = metadata;
      existing.add(uid);
      if (deletionTimestamp !== undefined) leaving.add(uid);
      if (type === 'deleted') for (const uids of [existing, leaving]) uids.delete(uid);
      fewest = Math.min(fewest, count());
      most = Math.max(most, count());
    }),
  );
  stack.use(await follow(run, { client, kind: machineSets }, ({ object }) => void (set = object)));
  return {
    isAtRest: (replicas) => existing.size === replicas && set !== undefined && tells(set, replicas),
    check: (from, to) => {
      const isExact = fewest >= Math.min(from, to) && most <= Math.max(from, to);
      if (!isExact) throw new Error(`${fewest} to ${most} Machines between ${from} and ${to}`);
      fewest = most = count();
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

function tells({ metadata, status = {} }: MachineSet, replicas: number): boolean {
  return (
    status.observedGeneration === metadata.generation &&
    status.replicas === replicas &&
    status.fullyLabeledReplicas === replicas &&
    status.readyReplicas === replicas &&
    status.availableReplicas === replicas
  );
}
