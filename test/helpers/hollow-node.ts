import { ApiError } from '#runtime/client/errors.ts';
import type { ExecutionContext } from 'ava';
import { nodes } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { runHollowNode } from '#hollow-node/hollow-node.ts';
import type { KubemarkFlags } from '#hollow-node/options.ts';
import { hollowNodeOptions, kubemark } from '#hollow-node/options.ts';
import type { PodRuntime } from '#hollow-node/pod-runtime.ts';
import { parseFlags } from '#runtime/flags.ts';
import { silentLogger } from '#runtime/log.ts';
import { FakeClock } from './fake-clock.ts';
import { MemoryClient } from './memory-client.ts';

/** The flags of a kubemark started with these arguments. */
export function kubemarkFlags(...args: string[]): KubemarkFlags {
  const flags = parseFlags(kubemark, args);
  if (flags === 'help') throw new Error('these arguments ask for help');
  return flags;
}

export interface HollowNodeStart {
  args?: string[];
  /** In place of those that `args` ask for. */
  faults?: Fault[];
  client?: MemoryClient;
  clock?: FakeClock;
  runtime?: PodRuntime;
}

/** The node `n1`, with time standing still just after its start. */
export async function startHollowNode(t: ExecutionContext, start: HollowNodeStart = {}) {
  const { args = [], faults, runtime } = start;
  const { client = new MemoryClient(), clock = new FakeClock() } = start;
  const controller = new AbortController();
  const options = hollowNodeOptions(kubemarkFlags('--name=n1', ...args));
  const running = runHollowNode({
    options: { ...options, faults: faults ?? options.faults },
    client,
    clock,
    log: silentLogger,
    signal: controller.signal,
    address: '192.0.2.7',
    ...(runtime && { runtime }),
    random: () => 0.5,
  });
  running.catch(() => {}); // tests that care await it
  t.teardown(() => controller.abort());
  await clock.advance(0);
  const origin = clock.now();
  const transitions = recordTransitions(client, () => (clock.now() - origin) / 1000);
  return { client, clock, controller, running, transitions };
}

/** The status of the Ready condition of the one node there is. */
export function readyOf(client: MemoryClient): string | undefined {
  const conditions = client.all(nodes)[0]?.status?.conditions;
  return conditions?.find(({ type }) => type === 'Ready')?.status;
}

/** Each change of Ready that is stored, with the second it happened in. */
function recordTransitions(client: MemoryClient, elapsed: () => number): [number, string][] {
  const seen: [number, string][] = [];
  const look = (): void => {
    const status = readyOf(client);
    if (status !== undefined && seen.at(-1)?.[1] !== status) seen.push([elapsed(), status]);
  };
  look();
  client.carriedOut = look;
  return seen;
}

/** `verb resource` of every request so far. */
export const requestsOf = (client: MemoryClient): string[] =>
  client.requests.map(({ verb, resource }) => `${verb} ${resource}`);

/** For `MemoryClient.respond`: nobody answers. */
export function outage(): never {
  throw new Error('connect ECONNREFUSED');
}

/** For `MemoryClient.respond`: the API server says no. */
export function refuse(code: number, reason: string): never {
  throw new ApiError('', { code, reason, message: reason });
}
