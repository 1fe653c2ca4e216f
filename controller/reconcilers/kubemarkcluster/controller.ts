import { clusterNameLabel, refersTo, type Cluster } from '#api/cluster-api/core.ts';
import {
  kubemarkClusters,
  type KubemarkCluster,
} from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { done } from '#runtime/reconcile.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { isExternallyManaged, summarize } from './status.ts';

export interface KubemarkClusterControllerOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  metrics?: Metrics;
  kubemarkClusters: Informer<KubemarkCluster>;
  clusters: Informer<Cluster>;
}

/** Not started. */
export function kubemarkClusterController(options: KubemarkClusterControllerOptions): Controller {
  const { clock, log, metrics, kubemarkClusters: informer, clusters } = options;
  return new Controller({
    clock,
    log,
    name: 'kubemarkcluster',
    ...(metrics !== undefined && { metrics }),
    reconciler: new KubemarkClusterReconciler(options),
  })
    .watch(informer, enqueueSelf)
    .watch(clusters, enqueueMapped(kubemarkClusterOf));
}

/** Of a reference of either form. */
function kubemarkClusterOf({ metadata, spec }: Cluster): ObjectKey[] {
  const reference = spec?.infrastructureRef;
  if (!reference?.name || !refersTo(reference, kubemarkClusters)) return [];
  return [{ namespace: metadata.namespace ?? '', name: reference.name }];
}

/**
 * Tells core that the infrastructure of a cluster is there (contracts v1beta1 and v1beta2): the
 * control plane comes from elsewhere, so there is nothing to make, and no finalizer to hold it.
 */
class KubemarkClusterReconciler implements Reconciler {
  readonly #options: KubemarkClusterControllerOptions;

  constructor(options: KubemarkClusterControllerOptions) {
    this.#options = options;
  }

  async reconcile({ signal }: Context, key: ObjectKey): Promise<Result> {
    const { client, clock, kubemarkClusters: cache, clusters } = this.#options;
    const stored = cache.get(key);
    if (stored === undefined || isExternallyManaged(stored)) return done;
    const { namespace = '', labels, deletionTimestamp } = stored.metadata;
    const name = labels?.[clusterNameLabel];
    if (name === undefined || deletionTimestamp !== undefined) return done;
    const cluster = clusters.get({ namespace, name });
    const observe = (answer: KubemarkCluster): void => cache.observe(answer);
    await patchOnExit({ client, kind: kubemarkClusters, stored, signal, observe }, (draft) => {
      draft.object.status = summarize(stored, cluster, timestamp(clock.now()));
      return Promise.resolve();
    });
    return done;
  }
}
