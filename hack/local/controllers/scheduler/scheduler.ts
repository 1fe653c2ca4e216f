import type { Node, Pod } from '#api/core.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import { isPodFinished, nodeNameOf } from '../objects/pod.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { ClusterView } from './cluster-view.ts';
import { isWaiting, SchedulerReconciler } from './reconciler.ts';

export interface SchedulerDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  nodes: Informer<Node>;
  pods: Informer<Pod>;
}

/** How many bindings may be under way. Decisions are made one after the other. */
const concurrency = 16;

/**
 * Binds Pods of `default-scheduler` to nodes with room for them.
 *
 * Follows kube-scheduler's default profile: cordon, taints, node selector and required node
 * affinity, resources; then the node with the fewest unwanted taints, the fewest Pods of the same
 * controller and the most room. Leaves out: Pod affinity and topology spread, host ports, volumes,
 * preferred affinity, priorities and preemption.
 */
export function scheduler(deps: SchedulerDeps): Controller {
  const { clock, log, nodes, pods } = deps;
  const view = new ClusterView();
  const reconciler = new SchedulerReconciler({ ...deps, view });
  // Before the controller's own handlers: what leads to a decision must be in the view already.
  nodes.addHandler(({ type, object }) =>
    type === 'deleted' ? view.removeNode(object) : view.setNode(object),
  );
  pods.addHandler(({ type, object }) => {
    if (type !== 'deleted') return view.setPod(object);
    view.removePod(object);
    reconciler.forget(object);
  });
  return new Controller({ name: 'scheduler', reconciler, concurrency, clock, log })
    .watch(pods, enqueueSelf, wantsPlace)
    .watch(pods, () => reconciler.refused(), freesRoom)
    .watch(nodes, () => reconciler.refused(), mayFitMore);
}

/** A change of the status is most often our own report that nothing fits. */
function wantsPlace(event: InformerEvent<Pod>): boolean {
  if (event.type === 'deleted' || !isWaiting(event.object)) return false;
  return event.type === 'added' || !isDeepEqual(event.old.spec, event.object.spec);
}

function freesRoom(event: InformerEvent<Pod>): boolean {
  if (nodeNameOf(event.object) === '') return false;
  if (event.type !== 'updated') return event.type === 'deleted';
  return isPodFinished(event.object) && !isPodFinished(event.old);
}

/** Heartbeats, which are most changes of nodes, change nothing for Pods that did not fit. */
function mayFitMore(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return event.type === 'added';
  return !isDeepEqual(whatCounts(event.old), whatCounts(event.object));
}

function whatCounts({ metadata, spec, status }: Node): object {
  return {
    labels: metadata.labels,
    unschedulable: spec?.unschedulable,
    taints: spec?.taints,
    allocatable: status?.allocatable,
  };
}
