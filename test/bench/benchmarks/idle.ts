import { machines } from '#api/machine/v1beta1/machine.ts';
import { atMost, figure, type Figure, type Result, type Side } from '../figures.ts';
import type { Sizes } from '../options.ts';
import { startHostNode } from '../processes/host-node.ts';
import { startManager, untilQuiet } from '../processes/manager.ts';
import { forEachOf, until, type Run } from '../run.ts';
import { startEmbeddedServer } from '../servers/embedded.ts';
import { startRealServer } from '../servers/real.ts';
import { difference, total } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';
import { watchMachines } from './machine-watch.ts';
import { newMachines } from './objects.ts';

/** What a manager costs that has nothing to do, and what memory it took to get there. */
export async function measureIdle(run: Run, sizes: Sizes): Promise<Result> {
  const sides: Side[] = [];
  {
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startRealServer(run, { isFull: true }));
    stack.use(await startHostNode(run, server));
    sides.push({ name: server.name, figures: await measure(run, server, sizes) });
  }
  {
    await using server = await startEmbeddedServer(run);
    sides.push({ name: server.name, figures: await measure(run, server, sizes) });
  }
  const { count, for: time } = sizes;
  return { benchmark: 'idle', parameters: { count, seconds: time / 1000 }, sides };
}

async function measure(run: Run, server: Server, { count, for: time }: Sizes): Promise<Figure[]> {
  await using manager = await startManager(run, server);
  const start = run.clock.monotonic();
  {
    await using watch = await watchMachines(run, server);
    await forEachOf(run, newMachines(count), 20, (machine) =>
      server.client.create(machines, machine),
    );
    await until(run, 'all Machines run', () => watch.settled.size === count, { pause: 100 });
  }
  const seconds = (run.clock.monotonic() - start) / 1000;
  run.say(`${count} Machines run after ${seconds.toFixed(1)} s`);
  await untilQuiet(run, manager);
  const before = await manager.process.usage();
  const requestsBefore = await manager.requestCounts();
  await run.clock.sleep(time, run.signal);
  const after = await manager.process.usage();
  const requests = difference(await manager.requestCounts(), requestsBefore);
  return [
    figure('settled after', seconds, 's'),
    figure('requests per minute', (total(requests) * 60_000) / time, ''),
    figure('CPU', ((after.cpuSeconds - before.cpuSeconds) * 100_000) / time, '% of a core'),
    figure('RSS', after.rss, 'MB', atMost(150)),
    figure('peak RSS', after.peakRSS, 'MB', atMost(150)),
  ];
}
