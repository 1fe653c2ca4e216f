import type { ExecutionContext } from 'ava';
import { machines } from '#api/machine/v1beta1/machine.ts';
import type { Story } from './story.ts';

/** Machines as they come and go, told by a watch that is not late. */
export interface Census {
  created: Set<string>;
  deleted: Set<string>;
  /** The most that there were at a time, without those on their way out. */
  most: number;
}

export async function startCensus(t: ExecutionContext, story: Story): Promise<Census> {
  const stop = new AbortController();
  let { resourceVersion } = await story.client.list(machines);
  const census = { created: new Set<string>(), deleted: new Set<string>(), most: 0 };
  const { signal } = stop;
  /** Until the watch ends: an API server does that when a kind has just been defined. */
  const count = async (): Promise<void> => {
    for await (const { type, object } of story.client.watch(machines, {
      resourceVersion,
      signal,
    })) {
      resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
      if (type === 'BOOKMARK') continue;
      const { uid = '', deletionTimestamp } = object.metadata;
      census.created.add(uid);
      if (type === 'DELETED' || deletionTimestamp !== undefined) census.deleted.add(uid);
      census.most = Math.max(census.most, census.created.size - census.deleted.size);
    }
  };
  const countAll = async (): Promise<void> => {
    while (!signal.aborted) await count();
  };
  const ended = countAll().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  t.teardown(async () => {
    stop.abort();
    await ended;
  });
  return census;
}
