import { customResourceDefinition } from '#api/custom-kind.ts';
import { customKinds } from '#api/kinds.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { applyObjects } from '#local/apply.ts';
import { podNamespace } from '#local/cluster.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { until, type Run } from '../run.ts';
import type { RequestCounts } from './request-counts.ts';

/** An API server to measure against. */
export interface Server extends AsyncDisposable {
  name: string;
  /** The path of a file. */
  kubeconfig: string;
  /** The benchmark's own. */
  client: KubeClient;
  /** Processor time of all its processes so far. */
  cpuSeconds: () => Promise<number>;
  /** What the server has answered so far, to whomever; absent: it does not count. */
  requestCounts?: () => Promise<RequestCounts>;
}

export async function newClient(
  { clock }: Run,
  kubeconfig: string,
  stack: AsyncDisposableStack,
): Promise<KubeClient> {
  const config = await loadKubeConfig({ path: kubeconfig });
  const client = new KubeClient({ config, clock, userAgent: 'benchmark' });
  stack.defer(() => client.close());
  return client;
}

/** Brings our kinds and the namespace of the Pods. */
export async function install(run: Run, client: KubeClient): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: podNamespace } };
  const objects = [...customKinds.map(customResourceDefinition), namespace];
  await applyObjects(
    client,
    objects.map((object) => ({ object, source: object.kind })),
  );
  const isServed = async (): Promise<boolean> =>
    (await ifFound(client.list(machines, { limit: 1 }))) !== undefined;
  await until(run, 'Machines are served', isServed);
}
