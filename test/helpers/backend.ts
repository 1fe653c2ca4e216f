/** What stories run on: the embedded cluster, or, with TEST_BACKEND=real, a real control plane. */
import { newClientAuthority } from '#kubernetes/credentials.ts';
import { LocalCluster } from '#local/cluster.ts';
import type { Clock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import type { Authority } from '#runtime/pki/client-certificate.ts';
import { FakeClock } from './fake-clock.ts';
import { machineGroup } from './machine-group.ts';

/** Time that passes when the story says so. */
export interface StoryClock extends Clock {
  /** Milliseconds to advance by at once. */
  readonly step: number;
  /** Lets milliseconds pass. */
  advance(milliseconds: number): Promise<void>;
}

export interface Backend {
  clock: StoryClock;
  cluster: LocalCluster;
  /** When the cluster has stopped. */
  close(): Promise<void>;
}

/** For a story that takes more clusters than one: there is one real control plane at a time. */
export async function openEmbeddedBackend(): Promise<Backend> {
  const clock = new FakeClock();
  const cluster = await LocalCluster.open({
    clock,
    log: silentLogger,
    manager: { 'machine-api-groups': [machineGroup] },
  });
  return { clock, cluster, close: () => Promise.resolve() };
}

interface Backends {
  openBackend: () => Promise<Backend>;
  /** Who signs the client certificates that an open one believes. */
  clientAuthority: () => Promise<Authority>;
}

const backends: Record<string, () => Promise<Backends>> = {
  embedded: () =>
    Promise.resolve({
      openBackend: openEmbeddedBackend,
      clientAuthority: () => Promise.resolve(newClientAuthority(Date.now())), // it believes everybody
    }),
  real: () => import('./real/backend.ts'),
};

const { TEST_BACKEND: name = 'embedded' } = process.env;
/** For what only one of them can do. */
export const isReal = name === 'real';
const load = backends[name];
if (load === undefined) {
  throw new Error(`TEST_BACKEND: "${name}" is none of ${Object.keys(backends).join(', ')}`);
}

/** Chosen when this file is loaded: the real one registers a hook with the test runner. */
export const { openBackend, clientAuthority } = await load();
