/**
 * Many hollow nodes in one process. Says `ready` when it has loaded and opened its first connection,
 * begins on `go`, answers `count` with its requests so far, and ends with its standard input.
 */
import { createInterface } from 'node:readline';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import { hollowNodeOptions, kubemark } from '#hollow-node/options.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import {
  durationFlag,
  integerFlag,
  parseFlags,
  stringFlag,
  type FlagValues,
} from '#runtime/flags.ts';
import { createLogger } from '#runtime/json-logger.ts';

const flags = {
  kubeconfig: stringFlag({ default: '', help: 'The cluster' }),
  count: integerFlag({ default: 1, min: 1, help: 'How many nodes' }),
  spread: durationFlag({ default: 0, help: 'Within what time they start' }),
  healthy: durationFlag({ default: 0, help: 'How long each is Ready; 0: always' }),
  unhealthy: durationFlag({ default: 0, help: 'How long each is NotReady then' }),
};

/** What the program says, one per line. */
export type Said =
  | { type: 'ready' }
  /** A node starts; the time in milliseconds since 1970, with a fraction. */
  | { type: 'started'; node: string; at: number }
  | { type: 'count'; requests: Record<string, number> };

function say(said: Said): void {
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

const requests: Record<string, number> = {};

async function main(options: FlagValues<typeof flags>): Promise<void> {
  const client = new KubeClient({
    config: await loadKubeConfig({ path: options.kubeconfig }),
    clock: realClock,
    userAgent: 'hollow-kubelet/benchmark',
    requestObserver: ({ method }) => (requests[method] = (requests[method] ?? 0) + 1),
  });
  await client.getPath('/version');
  say({ type: 'ready' });
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'go') void startAll(client, options); // a failure ends the process
    if (line === 'count') say({ type: 'count', requests });
  }
}

async function startAll(
  client: KubeClient,
  { count, spread, healthy, unhealthy }: FlagValues<typeof flags>,
): Promise<void> {
  const log = createLogger();
  const begin = realClock.monotonic();
  const { signal } = new AbortController();
  const faults =
    healthy === 0
      ? []
      : [
          '--turn-unhealthy-periodically',
          `--healthy-duration=${healthy}ms`,
          `--unhealthy-duration=${unhealthy}ms`,
        ];
  const start = async (index: number): Promise<void> => {
    const name = `hollow-${index}`;
    const values = parseFlags(kubemark, [`--name=${name}`, '--kubelet-port=0', ...faults]);
    if (values === 'help') return;
    await realClock.sleep(begin + (spread * index) / count - realClock.monotonic());
    const origin = realClock.monotonic();
    say({ type: 'started', node: name, at: performance.timeOrigin + origin });
    const options = hollowNodeOptions(values);
    const address = '127.0.0.1';
    await runHollowNode({ options, client, clock: realClock, log, signal, address, origin });
  };
  await Promise.all(Array.from({ length: count }, (_, index) => start(index)));
}

const values = parseFlags({ name: 'hollow-nodes', description: '', flags }, process.argv.slice(2));
if (values !== 'help') {
  await main(values);
  process.exit(0);
}
