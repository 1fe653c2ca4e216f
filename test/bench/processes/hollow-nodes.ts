import { fileURLToPath } from 'node:url';
import { opened } from '../opened.ts';
import type { Said } from '../programs/hollow-nodes.ts';
import { until, type Run } from '../run.ts';
import type { RequestCounts } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';
import { Child } from './child.ts';

export interface HollowNodesOptions {
  count: number;
  /** Milliseconds within which they start; 0: at once. */
  spread: number;
  /** Milliseconds of each; absent: they stay Ready. */
  flapping?: { healthy: number; unhealthy: number };
}

/** Many hollow nodes in one process, started when told to. */
export interface HollowNodesProcess extends AsyncDisposable {
  readonly process: Child;
  /** By the name of the node: when it started, milliseconds since 1970. */
  readonly startedAt: ReadonlyMap<string, number>;
  go(this: void): void;
  /** By method; watches count when they begin. */
  requestCounts(this: void): Promise<RequestCounts>;
}

export function startHollowNodes(
  run: Run,
  server: Server,
  options: HollowNodesOptions,
): Promise<HollowNodesProcess> {
  return opened(async (stack) => {
    const startedAt = new Map<string, number>();
    let isReady = false;
    let counted = Promise.withResolvers<Record<string, number>>();
    const onLine = (line: string): void => {
      const said: Said = JSON.parse(line);
      if (said.type === 'ready') isReady = true;
      else if (said.type === 'started') startedAt.set(said.node, said.at);
      else counted.resolve(said.requests);
    };
    const args = argumentsOf(server, options);
    const program = { name: 'hollow-nodes', file: process.execPath, args, onLine };
    const child = stack.use(await Child.start(run, program));
    await until(run, 'the program of the hollow nodes is ready', () => isReady);
    const requestCounts = async (): Promise<RequestCounts> => {
      counted = Promise.withResolvers();
      child.tell('count');
      return new Map(Object.entries(await counted.promise));
    };
    return { process: child, startedAt, go: () => child.tell('go'), requestCounts };
  });
}

function argumentsOf(
  { kubeconfig }: Server,
  { count, spread, flapping }: HollowNodesOptions,
): string[] {
  return [
    '--max-semi-space-size=4',
    fileURLToPath(import.meta.resolve('../programs/hollow-nodes.ts')),
    `--kubeconfig=${kubeconfig}`,
    `--count=${count}`,
    `--spread=${spread}ms`,
    ...(flapping ? [`--healthy=${flapping.healthy}ms`, `--unhealthy=${flapping.unhealthy}ms`] : []),
  ];
}
