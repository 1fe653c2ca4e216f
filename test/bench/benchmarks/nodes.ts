import { nodes } from '#api/core.ts';
import { atMost, figure, type Figure, type Result, type Side } from '../figures.ts';
import { follow } from '../follow.ts';
import { opened } from '../opened.ts';
import type { Sizes } from '../options.ts';
import { startHollowNodes } from '../processes/hollow-nodes.ts';
import { hasKubemark, startKubemarks } from '../processes/kubemarks.ts';
import { cpuSecondsOf, proportionalMemory } from '../processes/usage.ts';
import { until, type Run } from '../run.ts';
import { startRealServer } from '../servers/real.ts';
import type { Server } from '../servers/server.ts';
import { percentile } from '../statistics.ts';
import { watchLeases } from './lease-ages.ts';
import { steadyFigures, type Subject } from './steady-state.ts';

/**
 * N hollow nodes in one process until all are Ready; then real kubemarks, a process each; then the
 * steady state of both at the same time, on the same API server.
 */
export async function measureNodes(run: Run, sizes: Sizes): Promise<Result> {
  const { count, for: time } = sizes;
  await using server = await startRealServer(run, { isFull: false });
  await using watch = await watchReady(run, server);
  await using leases = await watchLeases(run, server);
  await using stack = new AsyncDisposableStack();
  const subjects = [stack.use(await startHollowNodesSubject(run, server, { count, watch }))];
  if (await hasKubemark(run)) {
    const asked = { count: sizes.kubemarks, watch };
    subjects.push(stack.use(await startKubemarksSubject(run, server, asked)));
  } else {
    run.say(`no kubemark in ${run.binaries}: nothing to compare with`);
  }

  await run.clock.sleep(10_000, run.signal); // until everybody has renewed a lease
  run.say(`${time / 1000} s of steady state`);
  const steady = await steadyFigures(run, { subjects, leases, time });
  const sides: Side[] = [];
  for (const [index, subject] of subjects.entries()) {
    const figures = [...subject.figures, ...(steady[index] ?? []), ...(await subject.memory())];
    sides.push({ name: subject.name, figures });
  }
  return { benchmark: 'nodes', parameters: { count, seconds: time / 1000 }, sides };
}

/** Some nodes of one kind, all Ready, and what is known of them so far. */
interface NodesSubject extends Subject, AsyncDisposable {
  name: string;
  figures: Figure[];
  memory(): Promise<Figure[]>;
}

interface Asked {
  count: number;
  watch: ReadyWatch;
}

function startHollowNodesSubject(
  run: Run,
  server: Server,
  { count, watch }: Asked,
): Promise<NodesSubject> {
  return opened(async (stack) => {
    const prefix = 'hollow-';
    const options = { count, spread: 0 };
    const { process, go, requestCounts } = stack.use(await startHollowNodes(run, server, options));
    await run.clock.sleep(1_000, run.signal); // what loading needed is collected
    const empty = await process.usage();
    const start = run.clock.monotonic();
    go();
    const seconds = (Math.max(...(await watch.untilReady(prefix, count))) - start) / 1000;
    const ready = await process.usage();
    const cpuEach = ((ready.cpuSeconds - empty.cpuSeconds) * 1000) / count;
    run.say(`${count} hollow nodes Ready after ${seconds.toFixed(1)} s`);
    return {
      name: 'hollow nodes, one process',
      prefix,
      count,
      mostRequests: 7,
      mostLeaseAge: 15,
      cpuSeconds: async () => (await process.usage()).cpuSeconds,
      requestCounts,
      figures: [
        figure('nodes', count, ''),
        figure('the last Ready after', seconds, 's', atMost(30)),
        figure('CPU until Ready, each', cpuEach, 'ms'),
      ],
      memory: async () => {
        const { rss, peakRSS } = await process.usage();
        return [
          figure('memory, each', (rss - empty.rss) / count, 'MB', atMost(0.5)),
          figure('memory of the process without nodes', empty.rss, 'MB'),
          figure('memory of the process', rss, 'MB'),
          figure('memory of the process, peak', peakRSS, 'MB'),
        ];
      },
    };
  });
}

function startKubemarksSubject(
  run: Run,
  server: Server,
  { count, watch }: Asked,
): Promise<NodesSubject> {
  return opened(async (stack) => {
    const prefix = 'kubemark-';
    const names = Array.from({ length: count }, (_, index) => `${prefix}${index}`);
    const start = run.clock.monotonic();
    const { processes, requestCounts } = stack.use(await startKubemarks(run, server, names));
    const seconds = (Math.max(...(await watch.untilReady(prefix, count))) - start) / 1000;
    const cpuSeconds = (): Promise<number> => cpuSecondsOf(processes.map(({ pid }) => pid));
    const cpuEach = ((await cpuSeconds()) * 1000) / count;
    run.say(`${count} kubemarks Ready after ${seconds.toFixed(1)} s`);
    return {
      name: 'kubemarks, a process each',
      prefix,
      count,
      cpuSeconds,
      requestCounts: () => Promise.resolve(requestCounts()),
      figures: [
        figure('nodes', count, ''),
        figure('the last Ready after', seconds, 's'),
        figure('CPU until Ready, each', cpuEach, 'ms'),
      ],
      memory: async () => {
        const all = await Promise.all(processes.map(({ pid }) => proportionalMemory(pid)));
        return [figure('memory, each', percentile(all, 0.5), 'MB')];
      },
    };
  });
}

interface ReadyWatch extends AsyncDisposable {
  /** The monotonic times at which nodes whose names begin so became Ready, once there are so many. */
  untilReady(prefix: string, count: number): Promise<number[]>;
}

async function watchReady(run: Run, { client }: Server): Promise<ReadyWatch> {
  const readyAt = new Map<string, number>();
  const watch = await follow(run, { client, kind: nodes }, ({ object: { metadata, status } }) => {
    const { name = '' } = metadata;
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True' && !readyAt.has(name)) readyAt.set(name, run.clock.monotonic());
  });
  const untilReady = async (prefix: string, count: number): Promise<number[]> => {
    const times = (): number[] =>
      [...readyAt].filter(([name]) => name.startsWith(prefix)).map(([, time]) => time);
    await until(run, `${count} nodes are Ready`, () => times().length === count);
    return times();
  };
  return { untilReady, [Symbol.asyncDispose]: () => watch[Symbol.asyncDispose]() };
}
