/** An API server with machines on it and nothing that acts on them: for programs that read and write them. */
import type { ExecutionContext } from 'ava';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { customResourceDefinition, type CustomKind } from '#api/custom-kind.ts';
import type { KubemarkMachine } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { machineKinds } from '#api/kinds.ts';
import type { ApiServer } from '#local/apiserver/server.ts';
import { applyObjects } from '#local/apply.ts';
import type { KubeClient } from '#runtime/client/kube-client.ts';
import { connect } from '#runtime/testing/http-peer.ts';
import { startApiServer } from './api-server.ts';

export interface MachineServer {
  readonly server: ApiServer;
  readonly client: KubeClient;
  /** A folder of the test's own. */
  readonly folder: string;
  /** A file. */
  readonly kubeconfig: string;
}

export async function startMachineServer(
  t: ExecutionContext,
  kinds: readonly CustomKind[] = machineKinds,
): Promise<MachineServer> {
  const { server, url } = await startApiServer(t);
  const folder = await mkdtemp(join(tmpdir(), 'machine-server-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig());
  const client = connect(t, url);
  await install(client, kinds);
  return { server, client, folder, kubeconfig };
}

/** They are served when it resolves. */
export function install(client: KubeClient, kinds: readonly CustomKind[]): Promise<void> {
  const definitions = kinds.map((kind) => ({
    object: customResourceDefinition(kind),
    source: kind.kind,
  }));
  return applyObjects(client, definitions);
}

/** As the controller leaves it: with the provider ID that names its Node. */
export function newKubemarkMachine(
  name: string,
  metadata: Partial<KubemarkMachine['metadata']> = {},
): KubemarkMachine {
  return {
    apiVersion: 'infrastructure.cluster.x-k8s.io/v1alpha4',
    kind: 'KubemarkMachine',
    metadata: { name, namespace: 'default', ...metadata },
    spec: { providerID: `kubemark://${name}` },
  };
}
