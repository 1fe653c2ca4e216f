import type { Pod } from '#api/core.ts';
import { pods as podKind } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isConflict, isNotFound } from '#runtime/client/errors.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import { isDeleting, uidOf } from '../objects/metadata.ts';
import { findCondition, isPodFinished, nodeNameOf } from '../objects/pod.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { ClusterView } from './cluster-view.ts';
import { placePod } from './placement.ts';

interface Deps {
  client: Client;
  clock: Clock;
  events: EventRecorder;
  pods: Store<Pod>;
  view: ClusterView;
}

/** Whether a Pod is ours to place. */
export function isWaiting(pod: Pod): boolean {
  const { schedulerName = 'default-scheduler', schedulingGates = [] } = pod.spec ?? {};
  return (
    schedulerName === 'default-scheduler' &&
    schedulingGates.length === 0 &&
    nodeNameOf(pod) === '' &&
    !isDeleting(pod) &&
    !isPodFinished(pod)
  );
}

/** A Pod that fitted nowhere. */
interface Refusal {
  readonly key: ObjectKey;
  readonly attempts: number;
  /** Monotonic milliseconds before which it is not tried again. */
  readonly retryAt: number;
}

/** Milliseconds, doubled with each attempt. kube-scheduler begins with 1 s: longer than a node joins here. */
const shortestBackoff = 100;
const longestBackoff = 10_000;

/**
 * Finds a node for one Pod and binds it there. A Pod that fits nowhere is tried again when the
 * cluster changes, but not at each of many changes in a row.
 */
export class SchedulerReconciler implements Reconciler {
  readonly #deps: Deps;
  readonly #refused = new Map<string, Refusal>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The Pods that fitted nowhere when they were last looked at. */
  refused(): ObjectKey[] {
    return [...this.#refused.values()].map(({ key }) => key);
  }

  forget(pod: Pod): void {
    this.#refused.delete(formatKey(keyOf(pod)));
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { clock, pods, view } = this.#deps;
    const pod = pods.get(key);
    if (pod === undefined || !isWaiting(pod) || view.isPlaced(pod)) return done;

    const rest = (this.#refused.get(formatKey(key))?.retryAt ?? 0) - clock.monotonic();
    if (rest > 0) return { requeueAfter: rest };

    const placement = placePod(pod, view.nodes());
    if ('failure' in placement) {
      this.#refuse(key);
      await this.#report(context, pod, key, placement.failure);
    } else {
      // Between the decision and this line nothing else runs: no room is given away twice.
      view.assume(pod, placement.nodeName);
      this.forget(pod);
      await this.#bind(context, pod, key, placement.nodeName);
    }
    return done;
  }

  #refuse(key: ObjectKey): void {
    const attempts = (this.#refused.get(formatKey(key))?.attempts ?? 0) + 1;
    const backoff = Math.min(shortestBackoff * 2 ** (attempts - 1), longestBackoff);
    const retryAt = this.#deps.clock.monotonic() + backoff;
    this.#refused.set(formatKey(key), { key, attempts, retryAt });
  }

  async #bind({ signal }: Context, pod: Pod, key: ObjectKey, node: string): Promise<void> {
    const { client, events, view } = this.#deps;
    const binding = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { ...key, uid: uidOf(pod) },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    };
    try {
      await client.createSubresource(podKind, key, 'binding', binding, { signal });
    } catch (error) {
      view.removePod(pod);
      // Only the answer may have been lost, and the watch may have been faster.
      view.setPod(this.#deps.pods.get(key) ?? pod);
      // Gone, being deleted or bound by somebody else: the watch tells what to do next.
      if (isNotFound(error) || isConflict(error)) return;
      throw error;
    }
    const message = `Successfully assigned ${formatKey(key)} to ${node}`;
    events.event(pod, 'Normal', 'Scheduled', message);
  }

  async #report(
    { log, signal }: Context,
    pod: Pod,
    key: ObjectKey,
    message: string,
  ): Promise<void> {
    const { client, clock, events } = this.#deps;
    const known = findCondition(pod.status?.conditions, 'PodScheduled');
    if (known?.status === 'False' && known.message === message) return;

    log.info('Unable to schedule Pod, waiting', { reason: message });
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message,
      ...(known?.status !== 'False' && { lastTransitionTime: timestamp(clock.now()) }),
    };
    const patch = { metadata: { uid: uidOf(pod) }, status: { conditions: [condition] } };
    events.event(pod, 'Warning', 'FailedScheduling', message);
    try {
      const options = { subresource: 'status', type: 'strategic', signal } as const;
      await client.patch(podKind, key, patch, options);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }
}
