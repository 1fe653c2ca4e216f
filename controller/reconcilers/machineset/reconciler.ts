import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import { done, TerminalError } from '#runtime/reconcile.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import type { SetEvent } from './events.ts';
import { newsIn } from './news.ts';
import { reconcileReplicas } from './replicas.ts';
import { isDeleting, membersOf, nodeOf, record, type Deps, type Scope } from './scope.ts';
import { nextAvailability, summarize, type Observed } from './status.ts';
import { specProblem } from './validation.ts';

/**
 * Keeps as many Machines as a MachineSet asks for.
 *
 * Promises: never one Machine more than asked for, however old what the cache shows and whatever
 * crashes; Machines that have no controller and match are taken in, those that match no more are let
 * go. The Machines of a set that is deleted are the garbage collector's. Creates and deletes Machines,
 * writes their owner references and the status of the set.
 */
export class MachineSetReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { client, machineSets: cache } = this.#deps;
    const set = cache.get(key);
    if (set === undefined) return done;

    const news: SetEvent[] = [];
    const observe = (answer: MachineSet): void => {
      cache.observe(answer);
      // Not before the status tells the same: a conflict would tell it twice.
      for (const event of news.splice(0)) record(this.#deps, set, event);
    };
    const { signal } = context;
    const target = { client, kind: cache.kind, stored: set, signal, observe };
    return patchOnExit(target, async ({ object }) => {
      const scope: Scope = { set: object, failure: undefined };
      try {
        return await this.#bringAbout(context, scope);
      } finally {
        news.push(...this.#summarize(scope));
      }
    });
  }

  async #bringAbout(context: Context, scope: Scope): Promise<Result> {
    const { set } = scope;
    if (isDeleting(set)) return done;
    reconcileSpec(scope);
    await this.#deps.ownership.reconcile(context, set);
    const result = await reconcileReplicas(this.#deps, context, scope);
    const requeueAfter = result.requeueAfter ?? nextAvailability(set, this.#observe(scope));
    return requeueAfter === undefined ? done : { requeueAfter };
  }

  #observe({ set, failure }: Scope): Observed {
    return {
      members: membersOf(this.#deps, set).map((machine) => ({
        machine,
        node: nodeOf(this.#deps, machine),
      })),
      failure,
      now: this.#deps.clock.now(),
    };
  }

  /** Puts the status into the draft; returns what it tells for the first time. */
  #summarize(scope: Scope): SetEvent[] {
    const { set, failure } = scope;
    const before = set.status ?? {};
    set.status = summarize(set, this.#observe(scope));
    return newsIn(before, set.status, failure);
  }
}

/** @throws TerminalError when the user has to correct the spec */
function reconcileSpec(scope: Scope): void {
  const message = specProblem(scope.set);
  if (message === undefined) return;
  scope.failure = { reason: 'ReconcileError', message, errorReason: 'InvalidConfiguration' };
  throw new TerminalError(message);
}
