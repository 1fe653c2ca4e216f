import { nodes, type Node } from '#api/core.ts';
import { atMost, figure, type Figure, type Result, type Side } from '../figures.ts';
import { follow } from '../follow.ts';
import type { Sizes } from '../options.ts';
import { startHollowNodes } from '../processes/hollow-nodes.ts';
import type { Run } from '../run.ts';
import { startEmbeddedServer } from '../servers/embedded.ts';
import { startRealServer } from '../servers/real.ts';
import type { Server } from '../servers/server.ts';
import { maximum, percentile } from '../statistics.ts';
import { flipErrors, type Flip } from './flip-errors.ts';

/** Milliseconds of each state. */
const phase = 5_000;

/** How exactly flapping nodes keep their schedule, when they began one by one and all at once. */
export async function measureFlips(run: Run, { count, for: time }: Sizes): Promise<Result> {
  const sides: Side[] = [];
  for (const [start, spread] of [
    ['one by one', 2 * phase],
    ['at once', 0],
  ] as const) {
    await using server = await startRealServer(run, { isFull: false });
    const figures = await measure(run, server, { count, time, spread });
    sides.push({ name: `${server.name}, started ${start}`, figures });
  }
  {
    await using server = await startEmbeddedServer(run);
    const figures = await measure(run, server, { count, time, spread: 2 * phase });
    sides.push({ name: `${server.name}, started one by one`, figures });
  }
  return { benchmark: 'flips', parameters: { count, seconds: time / 1000 }, sides };
}

async function measure(
  run: Run,
  server: Server,
  { count, time, spread }: { count: number; time: number; spread: number },
): Promise<Figure[]> {
  const flapping = { healthy: phase, unhealthy: phase };
  await using stack = new AsyncDisposableStack();
  const hollowNodes = stack.use(await startHollowNodes(run, server, { count, spread, flapping }));
  const flips: Flip[] = [];
  const states = new Map<string, string | undefined>();
  const see = (node: Node): void => {
    const seenAt = performance.timeOrigin + run.clock.monotonic();
    const { name = '' } = node.metadata;
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    const before = states.get(name);
    states.set(name, ready?.status);
    if (before === undefined || before === ready?.status) return;
    const storedAt = Date.parse(ready?.lastTransitionTime ?? '');
    flips.push({ node: name, isReady: ready?.status === 'True', seenAt, storedAt });
  };
  const selection = { client: server.client, kind: nodes };
  stack.use(await follow(run, selection, ({ object }) => see(object)));
  hollowNodes.go();
  run.say(`${count} nodes flap`);
  await run.clock.sleep(spread + time, run.signal);
  const { seen, stored, missing } = flipErrors(flips, hollowNodes.startedAt, {
    phase,
    until: performance.timeOrigin + run.clock.monotonic() - 1_000,
  });
  return [
    figure('transitions', seen.length, ''),
    figure('transitions that are missing', missing, '', atMost(0)),
    figure('seen after it was due, p50', percentile(seen, 0.5), 'ms'),
    figure(
      'seen after it was due, p99',
      percentile(seen, 0.99),
      'ms',
      spread > 0 ? atMost(100) : undefined,
    ),
    figure('seen after it was due, max', maximum(seen), 'ms'),
    figure('seen before it was due', seen.filter((error) => error < 0).length, ''),
    figure('stored time off by more than its second, p99', percentile(stored, 0.99), 'ms'),
    figure('stored time off by more than its second, max', maximum(stored), 'ms'),
  ];
}
