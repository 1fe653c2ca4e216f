import { locateBinaries } from '#kubernetes/binaries/locate.ts';
import { readFile } from 'node:fs/promises';
import { startControlPlane, stopControlPlane } from '#kubernetes/control-plane.ts';
import { accessIn } from '#kubernetes/credentials.ts';
import { stateFolder } from '#kubernetes/state.ts';
import { view } from '#local/apiserver/object.ts';
import { realClock } from '#runtime/clock.ts';
import { RealServer } from '#test/helpers/real/server.ts';
import type { Backend } from '../backend.ts';

/** The runner has shown the progress of a build already. */
function saysNothing(): void {}

/** A control plane of its own, behind a proxy that knows certificates and tokens. */
export async function openReal(): Promise<Backend> {
  const { signal } = new AbortController();
  const environment = process.env;
  const state = await startControlPlane({
    binaries: await locateBinaries({ isFull: true, environment, say: saysNothing, signal }),
    parent: stateFolder(environment),
    isFull: true,
    port: 0,
    clock: realClock,
    signal,
  });
  const server = new RealServer(accessIn(await readFile(state.kubeconfig, 'utf8')), realClock);
  await server.listen();
  return {
    name: 'real',
    url: server.url,
    expireHistory: () => compact(state.etcd),
    close: async () => {
      await server.close();
      await stopControlPlane(state, realClock);
    },
  };
}

/** As kube-apiserver does every five minutes; etcd speaks JSON beside gRPC. */
async function compact(etcd: string): Promise<void> {
  const ask = async (path: string, body: object): Promise<{ header: { revision: string } }> => {
    const response = await fetch(etcd + path, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`etcd answers ${response.status}: ${await response.text()}`);
    return view(await response.json());
  };
  const key = Buffer.from('/').toString('base64');
  const { header } = await ask('/v3/kv/range', { key });
  await ask('/v3/kv/compaction', { revision: header.revision });
}
