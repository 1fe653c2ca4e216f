import type { Pod } from '#api/core.ts';
import { pods as podKind } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound, isNotFound } from '#runtime/client/errors.ts';
import { mergePatch } from '#runtime/client/merge-patch.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import { controllerOf, isDeleting, uidOf } from '../objects/metadata.ts';
import { forEachOf } from '#runtime/for-each.ts';
import { Expectations } from './expectations.ts';
import type { Replicated } from './replicas.ts';
import {
  desiredPod,
  desiredReplicas,
  isActive,
  nextAvailability,
  replicaStatus,
  surplus,
} from './replicas.ts';

export interface ReplicationDeps<T extends Replicated> {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  kind: Kind<T>;
  owners: Informer<T>;
  /** With an index `controller`. */
  pods: Informer<Pod>;
}

/** How many Pods are created or deleted at once. */
const concurrency = 8;

/**
 * Keeps as many Pods as a ReplicationController or ReplicaSet wants (`pkg/controller/replicaset`).
 *
 * Leaves out: adopting Pods that it has not created, and the condition `ReplicaFailure`.
 */
export function replicationController<T extends Replicated>(deps: ReplicationDeps<T>): Controller {
  const { clock, log, kind, owners, pods } = deps;
  const expectations = new Expectations(clock);
  const reconciler = new ReplicationReconciler(deps, expectations);
  owners.addHandler(({ type, object }) => {
    if (type === 'deleted') expectations.forget(uidOf(object));
  });
  pods.addHandler((event) => noteSeen(expectations, event));
  const ownerOf = ({ metadata }: Pod): ObjectKey[] => {
    const owner = controllerOf({ metadata });
    if (owner?.kind !== kind.kind) return [];
    return [{ namespace: metadata.namespace ?? '', name: owner.name }];
  };
  return new Controller({ name: kind.plural, reconciler, clock, log })
    .watch(owners, enqueueSelf)
    .watch(pods, enqueueMapped(ownerOf));
}

function noteSeen(expectations: Expectations, { type, object }: InformerEvent<Pod>): void {
  const owner = controllerOf(object)?.uid;
  if (owner === undefined) return;
  if (type === 'added') expectations.created(owner);
  if (type === 'deleted' || isDeleting(object)) expectations.deleted(owner, uidOf(object));
}

class ReplicationReconciler<T extends Replicated> implements Reconciler {
  readonly #deps: ReplicationDeps<T>;
  readonly #expectations: Expectations;

  constructor(deps: ReplicationDeps<T>, expectations: Expectations) {
    this.#deps = deps;
    this.#expectations = expectations;
  }

  async reconcile({ signal }: Context, key: ObjectKey): Promise<Result> {
    const { clock, owners, pods } = this.#deps;
    const owner = owners.get(key);
    if (owner === undefined) return done;
    const rest = this.#expectations.rest(uidOf(owner));
    if (rest > 0) return { requeueAfter: rest };

    const active = pods.byIndex('controller', uidOf(owner)).filter(isActive);
    await this.#writeStatus(owner, key, active, signal);
    if (!isDeleting(owner)) {
      await this.#create(owner, desiredReplicas(owner) - active.length, signal);
      await this.#delete(owner, surplus(active, desiredReplicas(owner)), signal);
    }
    const requeueAfter = nextAvailability(owner, active, clock.now());
    return requeueAfter === undefined ? done : { requeueAfter };
  }

  async #create(owner: T, count: number, signal: AbortSignal): Promise<void> {
    const { client, events, kind } = this.#deps;
    const desired = desiredPod(kind, owner);
    await forEachOf(Array(Math.max(0, count)).keys(), concurrency, async () => {
      this.#expectations.expectCreation(uidOf(owner));
      try {
        const pod = await client.create(podKind, desired, { signal });
        events.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${pod.metadata.name}`);
      } catch (error) {
        this.#expectations.created(uidOf(owner));
        const reason = error instanceof Error ? error.message : String(error);
        events.event(owner, 'Warning', 'FailedCreate', `Error creating: ${reason}`);
        throw error;
      }
    });
  }

  async #delete(owner: T, surplusPods: readonly Pod[], signal: AbortSignal): Promise<void> {
    const { client, events } = this.#deps;
    await forEachOf(surplusPods, concurrency, async (pod) => {
      this.#expectations.expectDeletion(uidOf(owner), uidOf(pod));
      try {
        const preconditions = { uid: uidOf(pod) };
        await client.delete(podKind, keyOf(pod), { preconditions, signal });
        events.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
      } catch (error) {
        this.#expectations.deleted(uidOf(owner), uidOf(pod));
        if (!isNotFound(error)) throw error;
      }
    });
  }

  async #writeStatus(
    owner: T,
    key: ObjectKey,
    active: readonly Pod[],
    signal: AbortSignal,
  ): Promise<void> {
    const { client, clock, kind } = this.#deps;
    const status = replicaStatus(owner, active, clock.now());
    const patch = mergePatch({ ...owner.status }, { ...owner.status, ...status });
    if (patch === undefined) return;
    const body = { metadata: { uid: uidOf(owner) }, status: patch };
    await ifFound(client.patch(kind, key, body, { subresource: 'status', signal }));
  }
}
