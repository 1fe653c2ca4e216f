import {
  machineDeployments,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { ObjectKey } from '#runtime/client/client.ts';
import { patchOnExit } from '#runtime/client/patch.ts';
import { done, TerminalError } from '#runtime/reconcile.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import type { DeploymentEvent } from './events.ts';
import { reconcileHistory } from './history.ts';
import { reconcileNewSet } from './new-set.ts';
import { newsIn } from './news.ts';
import { reconcileScale } from './scale.ts';
import { record, rolloutOf, setsOf, type Deps, type Scope } from './scope.ts';
import { nextDeadline, summarize } from './status.ts';
import { specProblem } from './validation.ts';

/**
 * Brings the Machines of a MachineDeployment to its template, a MachineSet for each template.
 *
 * Promises: a rolling update keeps to its limits whatever crashes (plan.ts); the sets of former
 * templates stay to roll back to, as many as asked for. The sets of a deployment that is deleted are the
 * garbage collector's. Creates, scales and deletes MachineSets, writes their owner references and
 * annotations, and the deployment's status and revision. Reads no Machines: sets tell enough.
 */
export class MachineDeploymentReconciler implements Reconciler {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async reconcile(context: Context, key: ObjectKey): Promise<Result> {
    const { client, clock, machineDeployments: cache } = this.#deps;
    const deployment = cache.get(key);
    if (deployment === undefined || deployment.metadata.deletionTimestamp !== undefined)
      return done;

    const news: DeploymentEvent[] = [];
    const observe = (answer: MachineDeployment): void => {
      cache.observe(answer);
      // Not before the status tells the same: a conflict would tell it twice.
      for (const event of news.splice(0)) record(this.#deps, deployment, event);
    };
    const { signal } = context;
    const target = { client, kind: machineDeployments, stored: deployment, signal, observe };
    return patchOnExit(target, async ({ object }) => {
      const scope: Scope = { deployment: object, failure: undefined };
      try {
        await this.#bringAbout(context, scope);
      } finally {
        news.push(...this.#summarize(scope));
      }
      const requeueAfter = nextDeadline(object, clock.now());
      return requeueAfter === undefined ? done : { requeueAfter };
    });
  }

  async #bringAbout(context: Context, scope: Scope): Promise<void> {
    reconcileSpec(scope);
    await this.#deps.ownership.reconcile(context, scope.deployment);
    await reconcileNewSet(this.#deps, context, scope);
    await reconcileScale(this.#deps, context, scope);
    await reconcileHistory(this.#deps, context, scope);
  }

  /** Puts the status into the draft; returns what it tells for the first time. */
  #summarize({ deployment, failure }: Scope): DeploymentEvent[] {
    const before = deployment.status ?? {};
    const sets = setsOf(this.#deps, deployment);
    const rollout = rolloutOf(deployment, sets);
    const now = this.#deps.clock.now();
    deployment.status = summarize(deployment, { ...sets, rollout, failure, now });
    return newsIn(before, deployment.status);
  }
}

/** @throws TerminalError when the user has to correct the spec */
function reconcileSpec(scope: Scope): void {
  const message = specProblem(scope.deployment);
  if (message === undefined) return;
  scope.failure = { reason: 'ReconcileError', message, isFinal: true };
  throw new TerminalError(message);
}
