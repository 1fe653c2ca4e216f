/**
 * The control plane of one test file: started for its first story, taken by one story after the other,
 * ended with the process that runs the file. What a killed process leaves, `npm run control-plane --
 * stop --all` removes.
 */
import { readFile } from 'node:fs/promises';
import test from 'ava';
import { clusterMachines, clusters } from '#api/cluster-api/core.ts';
import { certificateSigningRequests, events, leases, nodes, pods, secrets } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { customKinds } from '#api/kinds.ts';
import { locateBinaries } from '#kubernetes/binaries/locate.ts';
import { accessIn, type Access } from '#kubernetes/credentials.ts';
import {
  clientAuthorityOf,
  startControlPlane,
  stopControlPlane,
} from '#kubernetes/control-plane.ts';
import { stateFolder, type State } from '#kubernetes/state.ts';
import type { Client, ListOptions } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { realClock } from '#runtime/clock.ts';
import type { Authority } from '#runtime/pki/client-certificate.ts';

let started: Promise<State> | undefined;

test.after.always('the control plane ends', async () => {
  if (started !== undefined) await stopControlPlane(await started, realClock);
});

/** Resolves when nobody has the control plane. */
let isFree: Promise<void> = Promise.resolve();

export interface Turn {
  access: Access;
  /** Lets the next story have it. */
  end(): void;
}

/** Waits until this file's control plane is free, and takes it. */
export async function takeControlPlane(): Promise<Turn> {
  const before = isFree;
  const { promise, resolve } = Promise.withResolvers<void>();
  isFree = promise;
  await before;
  started ??= start();
  const { kubeconfig } = await started;
  return { access: accessIn(await readFile(kubeconfig, 'utf8')), end: resolve };
}

/** Who signs client certificates there; somebody must have taken it. */
export async function clientAuthority(): Promise<Authority> {
  if (started === undefined) throw new Error('there is no control plane yet');
  return clientAuthorityOf(await started);
}

/** The runner has shown the progress of a build already. */
function saysNothing(): void {}

async function start(): Promise<State> {
  const { signal } = new AbortController();
  const environment = process.env;
  return startControlPlane({
    binaries: await locateBinaries({ isFull: true, environment, say: saysNothing, signal }),
    parent: stateFolder(environment),
    isFull: true,
    port: 0,
    clock: realClock,
    signal,
  });
}

/** A client for what no story shall see or disturb. */
export function administrator({ url, authority, token }: Access): KubeClient {
  const headers = { authorization: `Bearer ${token}` };
  const credentials = { headers, tls: { ca: authority } };
  const config = {
    server: url,
    namespace: 'default',
    credentials: () => Promise.resolve(credentials),
  };
  return new KubeClient({ config, clock: realClock, userAgent: 'administrator' });
}

/** What makes others first, or those would come back; the first two where a story has defined them. */
const storyKinds: readonly Kind[] = [
  clusterMachines('v1beta2'),
  clusters('v1beta2'),
  ...customKinds.toReversed(),
  pods,
  nodes,
  certificateSigningRequests,
  events,
  leases,
];

/** Removes what a story has made, by force. */
export async function wipe(client: Client): Promise<void> {
  for (const kind of storyKinds) await removeAll(client, kind);
  // Not the tokens of ServiceAccounts, which have a type of their own.
  await removeAll(client, secrets, { fieldSelector: 'type=Opaque' });
}

async function removeAll(client: Client, kind: Kind, selection: ListOptions = {}): Promise<void> {
  const { items = [] } = (await ifFound(client.list(kind, selection))) ?? {};
  for (const item of items) {
    const key = keyOf(item);
    if (item.metadata.finalizers !== undefined) {
      await ifFound(client.patch(kind, key, { metadata: { finalizers: null } }));
    }
    await ifFound(client.delete(kind, key, { gracePeriodSeconds: 0 }));
  }
}
