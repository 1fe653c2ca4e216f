import type { Pod } from '#api/core.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Context } from '#runtime/reconcile.ts';
import type { Deps, Scope } from './scope.ts';
import type { RemoteCluster } from './remote-clusters.ts';
import { Waiting } from './waiting.ts';

/** Where a machine's Pod and Secret live. */
export interface HollowCluster {
  readonly namespace: string;
  /** Another cluster than that of the machine: nothing there is watched, or owned. */
  readonly isExternal: boolean;
  /** Runs requests; gives up at once where the cluster has just not answered. */
  ask<Answer>(requests: (client: Client, timeout: number) => Promise<Answer>): Promise<Answer>;
  /** What a write answered. */
  observe(pod: Pod): void;
}

/** How often a Pod of another cluster is looked at, in milliseconds. */
export const pollInterval = 10_000;

/**
 * The cluster that the machine names; undefined when the Secret that tells of it is gone.
 *
 * @throws Waiting when it may not be used
 */
export async function findHollowCluster(
  deps: Deps,
  { signal }: Context,
  { machine }: Scope,
): Promise<HollowCluster | undefined> {
  const { namespace: own = '' } = machine.metadata;
  const reference = machine.spec?.kubemarkHollowPodClusterSecretRef;
  if (!reference?.name) return localCluster(deps, own);
  const namespace = reference.namespace || own;
  if (namespace !== own && !deps.options.allowForeignSecrets) {
    throw new Waiting(
      'ForeignSecret',
      `spec.kubemarkHollowPodClusterSecretRef.namespace: ${namespace} is not the machine's own, which the manager does not allow (--allow-cross-namespace-secrets)`,
    );
  }
  const key = { namespace, name: reference.name, entry: 'kubeconfig' };
  const remote = await deps.remoteClusters.find(key, signal);
  return remote && externalCluster(deps, remote);
}

function localCluster({ client, pods }: Deps, namespace: string): HollowCluster {
  return {
    namespace,
    isExternal: false,
    ask: (requests) => requests(client, 30_000),
    observe: (pod) => pods.observe(pod),
  };
}

function externalCluster({ remoteClusters }: Deps, remote: RemoteCluster): HollowCluster {
  return {
    namespace: remote.data['namespace']?.trim() || 'default',
    isExternal: true,
    ask: (requests) => remoteClusters.ask(remote, (timeout) => requests(remote.client, timeout)),
    observe: () => {},
  };
}
