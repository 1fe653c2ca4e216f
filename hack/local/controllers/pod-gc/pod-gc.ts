import type { Node, Pod } from '#api/core.ts';
import { nodes as nodeKind } from '#api/core.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import { isDeleting } from '../objects/metadata.ts';
import { isPodFinished, nodeNameOf } from '../objects/pod.ts';
import { disruptPod } from '../shared/disrupt-pod.ts';

export interface PodGarbageCollectorDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  nodes: Informer<Node>;
  /** With an index `node`. */
  pods: Informer<Pod>;
  /** Milliseconds that a node must have been missing. */
  quarantine: number;
}

/**
 * Removes Pods that no kubelet will: those bound to a node that is gone for good, and those that
 * were deleted before they had a node. Without grace, as nobody is there to use it.
 *
 * Follows `pkg/controller/podgc`, but acts when the quarantine is over instead of every 20 s.
 * Leaves out: the limit on finished Pods (12,500 upstream) and the out-of-service taint.
 */
export function podGarbageCollector(deps: PodGarbageCollectorDeps): Controller {
  const { clock, log, nodes, pods } = deps;
  const reconciler = new PodGarbageCollectorReconciler(deps);
  nodes.addHandler(({ type, object }) => {
    if (type === 'added') reconciler.forgetMissing(object.metadata.name ?? '');
  });
  return new Controller({ name: 'pod-garbage-collector', reconciler, clock, log })
    .watch(pods, enqueueSelf, mayConcern)
    .watch(
      nodes,
      ({ object }) => pods.byIndex('node', object.metadata.name ?? '').map(keyOf),
      ({ type }) => type === 'deleted',
    );
}

function mayConcern(event: InformerEvent<Pod>): boolean {
  if (event.type !== 'updated') return event.type === 'added';
  const { old, object } = event;
  return nodeNameOf(old) !== nodeNameOf(object) || isDeleting(old) !== isDeleting(object);
}

class PodGarbageCollectorReconciler implements Reconciler {
  readonly #deps: PodGarbageCollectorDeps;
  /** Monotonic milliseconds at which a node was first missed, by its name. */
  readonly #missingSince = new Map<string, number>();

  constructor(deps: PodGarbageCollectorDeps) {
    this.#deps = deps;
  }

  forgetMissing(nodeName: string): void {
    this.#missingSince.delete(nodeName);
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { client, nodes, pods } = this.#deps;
    const pod = pods.get(key);
    if (pod === undefined) return done;

    const name = nodeNameOf(pod);
    if (name === '') {
      if (isDeleting(pod)) await this.#remove(context, pod, 'PodGC: unscheduled pod is deleting');
      return done;
    }
    if (nodes.get({ namespace: '', name }) !== undefined) return done;

    const rest = this.#restOfQuarantine(name);
    if (rest > 0) return { requeueAfter: rest };
    const node = await ifFound(
      client.get(nodeKind, { namespace: '', name }, { signal: context.signal }),
    );
    if (node === undefined) await this.#remove(context, pod, 'PodGC: node no longer exists');
    return done;
  }

  #restOfQuarantine(nodeName: string): number {
    const { clock, quarantine } = this.#deps;
    const since = this.#missingSince.get(nodeName) ?? clock.monotonic();
    this.#missingSince.set(nodeName, since);
    return since + quarantine - clock.monotonic();
  }

  async #remove({ log, signal }: Context, pod: Pod, message: string): Promise<void> {
    const { client, clock } = this.#deps;
    log.info('Removing Pod that no node will', { reason: message });
    await disruptPod({ client, clock, signal }, pod, {
      reason: 'DeletionByPodGC',
      message,
      gracePeriodSeconds: 0,
      ...(!isPodFinished(pod) && { phase: 'Failed' }),
    });
  }
}
