/** `npm run timeline -- --kubeconfig F [--out FILE]`: who was Ready, NotReady, Unknown, deleted, and when. */
import { writeFile } from 'node:fs/promises';
import { nodes } from '#api/core.ts';
import { machineKinds } from '#api/kinds.ts';
import { parseAddress } from '#runtime/address.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import { durationFlag, FlagError, parseFlags, stringFlag, type Program } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { checkWritable } from '#local/output-files.ts';
import { nameOf, servedKinds } from '../fault/kinds.ts';
import { serveTimeline, Timeline } from './timeline.ts';

const flags = {
  for: durationFlag({ default: 0, help: 'How long to watch; 0: until it is interrupted' }),
  kubeconfig: stringFlag({ default: '', help: 'Path to a kubeconfig `file`; empty: as kubectl' }),
  namespace: stringFlag({ default: '', short: 'n', help: 'Of the machines; empty: all' }),
  'node-kubeconfig': stringFlag({
    default: '',
    help: 'Path to the kubeconfig `file` of the cluster that has the Nodes, where it is another one',
  }),
  listen: stringFlag({
    default: '0',
    help: 'Show the live page at this `address`, e.g. "127.0.0.1:8099"',
    check: parseAddress,
  }),
  out: stringFlag({ default: '', help: 'Write the page into this `file` at the end' }),
};

const program: Program<typeof flags> = {
  name: 'timeline',
  description: 'Draws which machines and Nodes were in which state when, with injected faults.',
  flags,
};

async function main(args: readonly string[]): Promise<void> {
  const options = parseFlags(program, args);
  if (options === 'help') return void process.stdout.write(usage(program));
  const { kubeconfig, namespace, 'node-kubeconfig': nodeKubeconfig } = options;
  if (options.out !== '') await checkWritable('out', options.out);
  await using stack = new AsyncDisposableStack();
  const connect = async (path: string): Promise<KubeClient> => {
    const config = await loadKubeConfig({ path });
    const client = new KubeClient({ config, clock: realClock, userAgent: 'timeline' });
    stack.defer(() => client.close());
    return client;
  };
  const client = await connect(kubeconfig);
  const nodeClient = nodeKubeconfig === '' ? client : await connect(nodeKubeconfig);
  await check(client, nodeClient, namespace);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const timer = options.for > 0 ? realClock.setTimeout(() => stop.abort(), options.for) : undefined;
  const timeline = new Timeline({ client, nodeClient, clock: realClock, namespace });
  const watching = timeline.run(stop.signal);
  const address = parseAddress(options.listen);
  if (address !== undefined) stack.use(await serveTimeline(timeline, address));
  while (!stop.signal.aborted) {
    await realClock.sleep(1000, stop.signal).catch(() => {}); // the loop asks the signal
    const { isTTY, columns, rows } = process.stdout;
    if (isTTY) process.stdout.write(`\u001B[H\u001B[2J${timeline.draw({ columns, rows })}\n`);
    else if (stop.signal.aborted) {
      // Where nobody looks, the last one is enough.
      process.stdout.write(`${timeline.draw({ columns: 100, rows: Infinity })}\n`);
    }
  }
  timer?.cancel();
  await watching;
  if (options.out !== '') await writeFile(options.out, timeline.page(false));
}

/** What cannot be read is told before anything is drawn: later it is tried again in silence. */
async function check(client: KubeClient, nodeClient: KubeClient, namespace: string): Promise<void> {
  await nodeClient.list(nodes, { limit: 1 });
  const served = await servedKinds(client, machineKinds);
  await Promise.all(served.map((kind) => client.list(kind, { namespace, limit: 1 })));
  if (served.length > 0) return;
  const names = machineKinds.map(nameOf).join(', ');
  process.stderr.write(`timeline: the API server has no ${names} yet, so only Nodes are shown\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isTold = error instanceof FlagError || error instanceof KubeConfigError;
  process.stderr.write(`timeline: ${messageOf(error)}\n`);
  process.exitCode = isTold ? 2 : 1;
}
