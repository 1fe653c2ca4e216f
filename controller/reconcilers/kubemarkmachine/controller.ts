import type { Cluster, ClusterMachine } from '#api/cluster-api/core.ts';
import { clusterNameLabel, refersTo } from '#api/cluster-api/core.ts';
import type { Pod } from '#api/core.ts';
import {
  kubemarkMachines,
  type KubemarkMachine,
} from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { kubemarkMachineAnnotation } from '#api/infrastructure/v1alpha4/labels.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { KubemarkMachineReconciler } from './reconciler.ts';
import { RemoteClusters } from './remote-clusters.ts';
import type { KubemarkMachineOptions } from './scope.ts';

export interface KubemarkMachineControllerOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  kubemarkMachines: Informer<KubemarkMachine>;
  /** Core's. */
  machines: Informer<ClusterMachine>;
  clusters: Informer<Cluster>;
  /** Hollow-node Pods of this provider. */
  pods: Informer<Pod>;
  concurrency?: number;
  options: KubemarkMachineOptions;
}

/** Milliseconds: what others bring about does not always wake us. */
const longestBackoff = 60_000;

const byCluster = 'cluster';

/** Not started; adds its index to the informer. */
export function kubemarkMachineController(options: KubemarkMachineControllerOptions): Controller {
  const { client, clock, log, kubemarkMachines: informer, machines, clusters, pods } = options;
  informer.addIndexes({ [byCluster]: clusterOf });
  const controller = new Controller({
    clock,
    log,
    name: 'kubemarkmachine',
    longestBackoff,
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    ...(options.metrics !== undefined && { metrics: options.metrics }),
    reconciler: new KubemarkMachineReconciler({
      client,
      clock,
      kubemarkMachines: informer,
      machines,
      clusters,
      pods,
      events: options.events,
      remoteClusters: new RemoteClusters({ client, clock }),
      options: options.options,
    }),
  });
  return controller
    .watch(informer, enqueueSelf, isMoreThanStatus)
    .watch(machines, enqueueMapped(machineOf))
    .watch(
      clusters,
      enqueueMapped(({ metadata: { namespace, name } }) =>
        informer.byIndex(byCluster, `${namespace}/${name}`).map(keyOf),
      ),
    )
    .watch(pods, enqueueMapped(machineOfPod));
}

/** Nobody else writes the status, and our own writes are no news. A resync is the same version twice. */
function isMoreThanStatus(event: InformerEvent<KubemarkMachine>): boolean {
  if (event.type !== 'updated' || event.old === event.object) return true;
  return !isDeepEqual(wishes(event.old), wishes(event.object));
}

/** What others may change to make us act. */
function wishes({ metadata, spec }: KubemarkMachine): object {
  const { labels, annotations, finalizers, ownerReferences, deletionTimestamp } = metadata;
  return { spec, labels, annotations, finalizers, ownerReferences, deletionTimestamp };
}

function clusterOf({ metadata: { namespace, labels } }: KubemarkMachine): string[] {
  const name = labels?.[clusterNameLabel];
  return name === undefined ? [] : [`${namespace}/${name}`];
}

/** Of a reference of either form: neither may name another namespace. */
function machineOf({ metadata, spec }: ClusterMachine): ObjectKey[] {
  const reference = spec?.infrastructureRef;
  const { name } = reference ?? {};
  if (!name || !refersTo(reference, kubemarkMachines)) return [];
  return [{ namespace: metadata.namespace ?? '', name }];
}

function machineOfPod({ metadata }: Pod): ObjectKey[] {
  const [namespace, name] = (metadata.annotations?.[kubemarkMachineAnnotation] ?? '').split('/');
  return namespace && name ? [{ namespace, name }] : [];
}
