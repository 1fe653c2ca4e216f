import type { KubernetesObject, OwnerReference } from '#api/meta.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import { uidOf } from '../objects/metadata.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { Item, OwnershipGraph } from './graph.ts';
import { foregroundFinalizer, itemOf, orphanFinalizer } from './graph.ts';
import type { Owners, OwnerState } from './owners.ts';
import type { Verdict } from './verdict.ts';
import { judge } from './verdict.ts';

export interface CollectorDeps {
  client: Client;
  events: EventRecorder;
  graph: OwnershipGraph;
  owners: Owners;
}

type Classified = (readonly [OwnerReference, OwnerState])[];

/** Milliseconds until an owner of an unknown kind is looked up again: its kind may have come. */
const unresolvableRetry = 30_000;

/** Brings one object to where its owners want it. Keys are uids: names may be used again. */
export class CollectorReconciler implements Reconciler {
  readonly #deps: CollectorDeps;

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, { name: uid }: ObjectKey): Promise<Result> {
    const item = this.#deps.graph.get(uid);
    if (item === undefined) return done;

    if (item.deleting) {
      await this.#releaseIfDone(context, item);
      return done;
    }
    const { verdict, owners } = await this.#judge(item, context);
    if (verdict.action !== 'keep') await this.#carryOut(context, item);
    const isOpen = owners.some(([, state]) => state === 'unresolvable');
    return isOpen ? { requeueAfter: unresolvableRetry } : done;
  }

  async #judge(item: Item, { signal }: Context): Promise<{ verdict: Verdict; owners: Classified }> {
    const owners: Classified = [];
    for (const owner of item.owners) {
      owners.push([owner, await this.#deps.owners.stateOf(item, owner, signal)]);
    }
    const hasDependents = this.#deps.graph.dependentsOf(item.uid).length > 0;
    return { verdict: judge(item, owners, hasDependents), owners };
  }

  /** Judges again what the API server has now, and holds it to exactly that version. */
  async #carryOut(context: Context, { kind, key, uid }: Item): Promise<void> {
    const { client } = this.#deps;
    const { log, signal } = context;
    const object = await ifFound(client.get(kind, key, { signal }));
    if (object === undefined || uidOf(object) !== uid) return; // the watch will show it

    const item = itemOf(kind, object);
    if (item.deleting) return;
    const { verdict, owners } = await this.#judge(item, context);
    this.#reportForeignOwners(object, owners);
    switch (verdict.action) {
      case 'keep':
        return;
      case 'disown':
        log.debug('Dropping references to owners that are gone', { [kind.kind]: key });
        await this.#disown(object, item, verdict.uids, signal);
        return;
      case 'delete': {
        log.info('Deleting object whose owners are gone', { [kind.kind]: key });
        const { resourceVersion = '' } = object.metadata;
        const preconditions = { uid, resourceVersion };
        const { propagationPolicy } = verdict;
        await ifFound(client.delete(kind, key, { preconditions, propagationPolicy, signal }));
      }
    }
  }

  /** An object that is being deleted may wait for its dependents to go, or to be set free. */
  async #releaseIfDone({ log, signal }: Context, item: Item): Promise<void> {
    const dependents = this.#deps.graph.dependentsOf(item.uid);
    if (item.finalizers.includes(orphanFinalizer)) {
      log.info('Orphaning dependents', {
        [item.kind.kind]: item.key,
        dependents: dependents.length,
      });
      for (const dependent of dependents) await this.#setFree(dependent, item.uid, signal);
      await this.#dropFinalizer(item, orphanFinalizer, signal);
    } else if (item.finalizers.includes(foregroundFinalizer)) {
      const isBlocked = dependents.some(({ owners }) =>
        owners.some((owner) => owner.uid === item.uid && owner.blockOwnerDeletion === true),
      );
      if (!isBlocked) await this.#dropFinalizer(item, foregroundFinalizer, signal);
    }
  }

  async #setFree({ kind, key, uid }: Item, owner: string, signal: AbortSignal): Promise<void> {
    const object = await ifFound(this.#deps.client.get(kind, key, { signal }));
    if (object === undefined || uidOf(object) !== uid) return;
    await this.#disown(object, itemOf(kind, object), [owner], signal);
  }

  async #disown(
    { metadata: { resourceVersion } }: KubernetesObject,
    { kind, key, owners }: Item,
    uids: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    const ownerReferences = owners.filter(({ uid }) => !uids.includes(uid));
    if (ownerReferences.length === owners.length) return;
    const patch = { metadata: { resourceVersion, ownerReferences } };
    await ifFound(this.#deps.client.patch(kind, key, patch, { signal }));
  }

  async #dropFinalizer({ kind, key, uid }: Item, name: string, signal: AbortSignal): Promise<void> {
    const object = await ifFound(this.#deps.client.get(kind, key, { signal }));
    if (object === undefined || uidOf(object) !== uid) return;
    const { resourceVersion, finalizers = [] } = object.metadata;
    const patch = {
      metadata: { resourceVersion, finalizers: finalizers.filter((f) => f !== name) },
    };
    await ifFound(this.#deps.client.patch(kind, key, patch, { signal }));
  }

  /** An owner exists only for objects of its own namespace; who thinks otherwise should know. */
  #reportForeignOwners(object: KubernetesObject, owners: Classified): void {
    const { namespace = '' } = object.metadata;
    for (const [owner, state] of owners) {
      if (state !== 'absent' || this.#deps.graph.get(owner.uid) === undefined) continue;
      const { apiVersion, kind, name, uid } = owner;
      const identity = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
      const message = `ownerRef ${identity} does not exist in namespace "${namespace}"`;
      this.#deps.events.event(object, 'Warning', 'OwnerRefInvalidNamespace', message);
    }
  }
}
