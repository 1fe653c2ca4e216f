/** The server that is asked: the embedded one, or, with TEST_BACKEND=real, a real kube-apiserver. */
import { controllers } from '#local/controllers/index.ts';
import { ApiServer } from '#local/apiserver/server.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';

export type BackendName = 'embedded' | 'real';

/** A server whose controllers run: garbage collector, disruption, namespaces. */
export interface Backend {
  readonly name: BackendName;
  /** Plain HTTP; whoever asks is an administrator. */
  readonly url: string;
  /** Forgets old versions of everything, as servers do after some minutes. */
  expireHistory(): Promise<void>;
  close(): Promise<void>;
}

async function openEmbedded(): Promise<Backend> {
  const server = new ApiServer({ clock: realClock, log: silentLogger });
  const url = await server.listen();
  const client = new KubeClient({ server: url, clock: realClock, userAgent: 'controllers' });
  const stop = new AbortController();
  const running = controllers({ client, clock: realClock, log: silentLogger }).run(stop.signal);
  return {
    name: 'embedded',
    url,
    expireHistory: () => Promise.resolve(server.compact()),
    close: async () => {
      stop.abort();
      await server.close();
      await running;
    },
  };
}

const openers: Record<string, () => Promise<Backend>> = {
  embedded: openEmbedded,
  real: async () => (await import('./real/backend.ts')).openReal(),
};

/** @throws Error when TEST_BACKEND is not one of them */
export function openBackend(name = process.env['TEST_BACKEND'] ?? 'embedded'): Promise<Backend> {
  const open = openers[name];
  if (open !== undefined) return open();
  throw new Error(`TEST_BACKEND: "${name}" is none of ${Object.keys(openers).join(', ')}`);
}
