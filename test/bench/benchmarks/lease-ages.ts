import { leases } from '#api/core.ts';
import { follow } from '../follow.ts';
import type { Run } from '../run.ts';
import type { Server } from '../servers/server.ts';

/** How old the leases of some nodes were, in seconds. */
export interface LeaseAges {
  /** Of each, once a second. */
  samples: number[];
  /** Of each whenever it was renewed: the oldest it became. */
  atRenewal: number[];
}

export interface LeaseWatch extends AsyncDisposable {
  /** What was seen since the last time of the leases whose names begin so. */
  take(prefix: string): LeaseAges;
}

export async function watchLeases(run: Run, { client }: Server): Promise<LeaseWatch> {
  const { clock } = run;
  const renewedAt = new Map<string, number>();
  const seen = new Map<string, LeaseAges>();
  const agesOf = (name: string): LeaseAges => {
    const ages = seen.get(name) ?? { samples: [], atRenewal: [] };
    seen.set(name, ages);
    return ages;
  };
  const selection = { client, kind: leases, namespace: 'kube-node-lease' };
  const watch = await follow(run, selection, ({ object }) => {
    const { name = '' } = object.metadata;
    const renewal = Date.parse(object.spec?.renewTime ?? '');
    const before = renewedAt.get(name);
    if (before !== undefined && renewal > before) {
      agesOf(name).atRenewal.push((renewal - before) / 1000);
    }
    renewedAt.set(name, renewal);
  });
  const stop = new AbortController();
  const sample = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(1_000, stop.signal);
      const now = clock.now();
      for (const [name, renewal] of renewedAt) agesOf(name).samples.push((now - renewal) / 1000);
    }
  };
  const sampling = sample().catch(() => {}); // stopped
  const take = (prefix: string): LeaseAges => {
    const names = [...seen.keys()].filter((name) => name.startsWith(prefix));
    const ages = names.map(agesOf);
    for (const name of names) seen.delete(name);
    return {
      samples: ages.flatMap(({ samples }) => samples),
      atRenewal: ages.flatMap(({ atRenewal }) => atRenewal),
    };
  };
  const dispose = async (): Promise<void> => {
    stop.abort();
    await sampling;
    await watch[Symbol.asyncDispose]();
  };
  return { take, [Symbol.asyncDispose]: dispose };
}
