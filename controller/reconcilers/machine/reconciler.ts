import { machineFinalizer } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import { hasFinalizer } from '#runtime/finalizers.ts';
import { done } from '#runtime/reconcile.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import type { MachineEvent } from './events.ts';
import { reconcileConfiguration, reportWarnings } from './configuration.ts';
import { reconcileDelete } from './delete.ts';
import { deleteOrphans } from './orphans.ts';
import { judgeHooks } from './hooks.ts';
import { newsIn } from './news.ts';
import { reconcileIdentity, reconcilePod } from './pod.ts';
import { addressOf, gather, record, staticNodeOf, type Deps, type Scope } from './scope.ts';
import { reconcileStatic } from './static.ts';
import { summarize } from './status.ts';

/**
 * Keeps one hollow node alive for each Machine of the legacy API and removes it with the Machine.
 *
 * Promises: one Pod per Machine, whatever crashes; a provider ID that never changes; what runs on the
 * Node, Pod, Node and Machine go in this order. Creates Pods, deletes Pods and Nodes, cordons Nodes and
 * evicts their Pods, writes the Machine it looks at.
 */
export class MachineReconciler implements Reconciler {
  readonly #deps: Deps;
  readonly #finalizer: string;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#finalizer = machineFinalizer(deps.machines.kind);
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const machine = this.#deps.machines.get(key);
    await deleteOrphans(this.#deps, context, key, machine?.metadata.uid);
    if (machine === undefined) {
      this.#deps.ownStatuses.forget(key);
      return done;
    }

    const { client, machines: cache } = this.#deps;
    const news: MachineEvent[] = [];
    const observe = (answer: Machine): void => {
      cache.observe(answer);
      // Not before the status tells the same: a conflict would tell it twice.
      for (const event of news.splice(0)) record(this.#deps, machine, event);
    };
    const { signal } = context;
    const target = { client, kind: cache.kind, stored: machine, signal, observe };
    return patchOnExit(target, async (draft) => {
      const scope = gather(this.#deps, draft);
      try {
        return await this.#bringAbout(context, scope);
      } finally {
        news.push(...this.#summarize(scope));
      }
    });
  }

  async #bringAbout(context: Context, scope: Scope): Promise<Result> {
    judgeHooks(scope, timestamp(this.#deps.clock.now()));
    if (scope.machine.metadata.deletionTimestamp !== undefined) {
      return hasFinalizer(scope.machine, this.#finalizer)
        ? reconcileDelete(this.#deps, context, scope)
        : done;
    }
    if (staticNodeOf(scope.machine) !== undefined) return reconcileStatic(scope);

    const { config, warnings } = reconcileConfiguration(this.#deps, scope);
    // Before anything exists that would have to be found again.
    const isNew = await reconcileIdentity(this.#deps, scope);
    if (isNew) reportWarnings(this.#deps, scope, warnings);
    return reconcilePod(this.#deps, context, scope, config);
  }

  /** Puts the status into the draft; returns what it tells for the first time. */
  #summarize(scope: Scope): MachineEvent[] {
    const { machine, pod, node, failure, waiting, conditions } = scope;
    if (scope.isRegistering) return [];
    const isDeleting = machine.metadata.deletionTimestamp !== undefined;
    if (isDeleting && !hasFinalizer(machine, this.#finalizer)) return []; // nobody reads it any more
    const before = machine.status ?? {};
    const isStatic = staticNodeOf(machine) !== undefined;
    const address = addressOf(scope);
    const observed = { isDeleting, isStatic, pod, node, failure, waiting, address };
    const summary = summarize(before, observed, timestamp(this.#deps.clock.now()));
    const after = conditions.length === 0 ? summary : { ...summary, conditions };
    machine.status = after;
    this.#deps.ownStatuses.remember(machine, after);
    return [...scope.news, ...newsIn(before, after, observed)];
  }
}
