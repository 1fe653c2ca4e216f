import type { Kind } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { Informer, type InformerEvent } from '#runtime/cache/informer.ts';
import type { Selection } from '#runtime/cache/reflector.ts';
import type { Client } from '#runtime/client/client.ts';
import { silentLogger } from '#runtime/log.ts';
import type { Run } from './run.ts';

/** Calls back for every change of a kind of object, until disposed of. All that exists is shown first. */
export async function follow<T extends KubernetesObject>(
  { clock, signal }: Run,
  { client, kind, ...selection }: { client: Client; kind: Kind<T> } & Selection,
  handler: (event: InformerEvent<T>) => void,
): Promise<AsyncDisposable> {
  const informer = new Informer<T>({ client, kind, clock, log: silentLogger, ...selection });
  informer.addHandler(handler);
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  const dispose = async (): Promise<void> => {
    stop.abort();
    await running;
  };
  await informer.synced(signal).catch(async (error: unknown) => {
    await dispose();
    throw error;
  });
  return { [Symbol.asyncDispose]: dispose };
}
