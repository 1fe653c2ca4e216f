/** `npm run timeline -- --kubeconfig F [--out FILE]`: who was Ready, NotReady, Unknown, deleted, and when. */
import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { nodes } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { parseAddress } from '#runtime/address.ts';
import { Reflector } from '#runtime/cache/reflector.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { KubeConfigError, loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { messageOf } from '#runtime/error-text.ts';
import { durationFlag, FlagError, parseFlags, stringFlag, type Program } from '#runtime/flags.ts';
import { usage } from '#runtime/flags-usage.ts';
import { silentLogger } from '#runtime/log.ts';
import { History } from './history.ts';
import { page } from './page.ts';
import { draw } from './terminal.ts';

const flags = {
  for: durationFlag({ default: 0, help: 'How long to watch; 0: until it is interrupted' }),
  kubeconfig: stringFlag({ default: '', help: 'Path to a kubeconfig `file`; empty: as kubectl' }),
  listen: stringFlag({
    default: '0',
    help: 'Show the live page at this `address`, e.g. "127.0.0.1:8099"',
    check: parseAddress,
  }),
  out: stringFlag({ default: '', help: 'Write the page into this `file` at the end' }),
};

const program: Program<typeof flags> = {
  name: 'timeline',
  description: 'Draws which Machines and Nodes were in which state when, with injected faults.',
  flags,
};

async function main(args: readonly string[]): Promise<void> {
  const options = parseFlags(program, args);
  if (options === 'help') return void process.stdout.write(usage(program));
  const config = await loadKubeConfig({ path: options.kubeconfig });
  const client = new KubeClient({ config, clock: realClock, userAgent: 'timeline' });
  const history = new History();
  const from = realClock.now();
  const range = () => ({ from, to: realClock.now() });
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const timer = options.for > 0 ? realClock.setTimeout(() => stop.abort(), options.for) : undefined;
  await using stack = new AsyncDisposableStack();
  stack.defer(() => client.close());
  const address = parseAddress(options.listen);
  if (address !== undefined) {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
      response.end(page(history.lanes, range(), true));
    });
    server.listen(address.port, address.host ?? '127.0.0.1');
    stack.defer(() => void server.close());
  }
  const follow = <T extends KubernetesObject>(
    kind: Kind<T>,
    tell: (object: T, isGone: boolean, now: number) => void,
  ): Promise<void> => followKind(client, kind, tell, stop.signal);
  const watching = [
    follow(nodes, (...told) => history.node(...told)),
    follow(machines, (...told) => history.machine(...told)),
  ];
  while (!stop.signal.aborted) {
    await realClock.sleep(1000, stop.signal).catch(() => {}); // the loop asks the signal
    const picture = draw(history.lanes, {
      ...range(),
      width: (process.stdout.columns ?? 100) - 30,
    });
    // Where nobody looks, the last one is enough.
    if (process.stdout.isTTY) process.stdout.write(`\u001B[H\u001B[2J${picture}\n`);
    else if (stop.signal.aborted) process.stdout.write(`${picture}\n`);
  }
  timer?.cancel();
  await Promise.all(watching);
  if (options.out !== '') await writeFile(options.out, page(history.lanes, range(), false));
}

async function followKind<T extends KubernetesObject>(
  client: KubeClient,
  kind: Kind<T>,
  tell: (object: T, isGone: boolean, now: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const known = new Map<string, T>();
  const show = (object: T, isGone: boolean): void => {
    const uid = object.metadata.uid ?? '';
    if (isGone) known.delete(uid);
    else known.set(uid, object);
    tell(object, isGone, realClock.now());
  };
  const reflector = new Reflector({
    client,
    kind,
    clock: realClock,
    log: silentLogger,
    sink: {
      replace: (objects) => {
        const present = new Set(objects.map(({ metadata }) => metadata.uid));
        for (const object of known.values()) {
          if (!present.has(object.metadata.uid)) show(object, true);
        }
        for (const object of objects) show(object, false);
      },
      apply: (type, object) => show(object, type === 'DELETED'),
    },
  });
  await reflector.run(signal);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const isTold = error instanceof FlagError || error instanceof KubeConfigError;
  process.stderr.write(`timeline: ${messageOf(error)}\n`);
  process.exitCode = isTold ? 2 : 1;
}
