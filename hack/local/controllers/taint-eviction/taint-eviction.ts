import type { Node, Pod } from '#api/core.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Store } from '#runtime/cache/store.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import type { Taint } from '../objects/kinds.ts';
import { isDeleting, uidOf } from '../objects/metadata.ts';
import { nodeNameOf } from '../objects/pod.ts';
import { disruptPod } from '../shared/disrupt-pod.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { allowedStay } from './deadline.ts';

export interface TaintEvictionDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  nodes: Informer<Node>;
  /** With an index `node`. */
  pods: Informer<Pod>;
}

/**
 * Deletes Pods from nodes with NoExecute taints: at once, or when the `tolerationSeconds` of their
 * tolerations are over, counted from when the taints were first seen (`pkg/controller/tainteviction`).
 */
export function taintEviction(deps: TaintEvictionDeps): Controller {
  const { clock, log, nodes, pods } = deps;
  const reconciler = new TaintEvictionReconciler(deps);
  pods.addHandler(({ type, object }) => type === 'deleted' && reconciler.forget(object));
  return new Controller({ name: 'taint-eviction', reconciler, clock, log })
    .watch(pods, enqueueSelf, mayConcern)
    .watch(nodes, ({ object }) => podsOn(pods, object), haveTaintsChanged);
}

function podsOn(pods: Store<Pod>, node: Node): ObjectKey[] {
  return pods.byIndex('node', node.metadata.name ?? '').map(keyOf);
}

function mayConcern(event: InformerEvent<Pod>): boolean {
  if (event.type !== 'updated') return event.type === 'added';
  const { old, object } = event;
  return (
    nodeNameOf(old) !== nodeNameOf(object) ||
    !isDeepEqual(old.spec?.tolerations, object.spec?.tolerations)
  );
}

function haveTaintsChanged(event: InformerEvent<Node>): boolean {
  const before = event.type === 'updated' ? noExecuteTaints(event.old) : [];
  return !isDeepEqual(before, noExecuteTaints(event.object));
}

function noExecuteTaints(node: Node): Taint[] {
  return (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
}

class TaintEvictionReconciler implements Reconciler {
  readonly #deps: TaintEvictionDeps;
  /** Monotonic milliseconds at which a Pod's stay began to be limited, by the Pod's uid. */
  readonly #startedAt = new Map<string, number>();

  constructor(deps: TaintEvictionDeps) {
    this.#deps = deps;
  }

  forget(pod: Pod): boolean {
    return this.#startedAt.delete(uidOf(pod));
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { clock, events, nodes, pods } = this.#deps;
    const pod = pods.get(key);
    if (pod === undefined || isDeleting(pod) || nodeNameOf(pod) === '') return done;

    const node = nodes.get({ namespace: '', name: nodeNameOf(pod) });
    const stay = allowedStay(
      node === undefined ? [] : noExecuteTaints(node),
      pod.spec?.tolerations,
    );
    if (stay === Infinity) {
      const message = `Cancelling deletion of Pod ${key.namespace}/${key.name}`;
      if (this.forget(pod)) events.event(pod, 'Normal', 'TaintManagerEviction', message);
      return done;
    }
    const startedAt = this.#startedAt.get(uidOf(pod)) ?? clock.monotonic();
    this.#startedAt.set(uidOf(pod), startedAt);
    const rest = startedAt + stay - clock.monotonic();
    if (rest > 0) return { requeueAfter: rest };

    await this.#evict(context, pod, key);
    return done;
  }

  async #evict({ log, signal }: Context, pod: Pod, key: ObjectKey): Promise<void> {
    const { client, clock, events } = this.#deps;
    log.info('Deleting Pod that does not tolerate a taint', { Node: nodeNameOf(pod) });
    const message = `Marking for deletion Pod ${key.namespace}/${key.name}`;
    events.event(pod, 'Normal', 'TaintManagerEviction', message);
    await disruptPod({ client, clock, signal }, pod, {
      reason: 'DeletionByTaintManager',
      message: 'Taint manager: deleting due to NoExecute taint',
    });
  }
}
