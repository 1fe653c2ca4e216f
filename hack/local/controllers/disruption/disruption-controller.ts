import type { Pod, PodDisruptionBudget } from '#api/core.ts';
import { podDisruptionBudgets } from '#api/core.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import { matchesSelector } from '#runtime/label-selector.ts';
import type { Logger } from '#runtime/log.ts';
import type { Context, Reconciler, Result } from '#runtime/reconcile.ts';
import { done } from '#runtime/reconcile.ts';
import type { Scales } from './scales.ts';
import { budgetStatus, nextExpiry, pendingDisruptions } from './status.ts';

export interface DisruptionControllerDeps {
  client: Client;
  clock: Clock;
  log: Logger;
  budgets: Informer<PodDisruptionBudget>;
  pods: Informer<Pod>;
  scales: Scales;
}

/**
 * Tells the eviction API how many Pods of each PodDisruptionBudget may go (`pkg/controller/disruption`).
 *
 * What there should be comes from the scale of the Pods' controllers: ReplicationController,
 * ReplicaSet, Deployment and StatefulSet. Leaves out: controllers of custom kinds.
 */
export function disruptionController(deps: DisruptionControllerDeps): Controller {
  const { clock, log, budgets, pods, scales } = deps;
  const reconciler = new DisruptionReconciler(deps);
  const controller = new Controller({ name: 'disruption', reconciler, clock, log });
  controller.watch(budgets, enqueueSelf);
  controller.watch(
    pods,
    enqueueMapped((pod) => budgetsOf(pod, budgets)),
  );
  scales.watchWith(controller, (namespace) => budgets.list(namespace).map(keyOf));
  return controller;
}

function budgetsOf(pod: Pod, budgets: Informer<PodDisruptionBudget>): ObjectKey[] {
  const { namespace, labels } = pod.metadata;
  return budgets
    .list(namespace)
    .filter(({ spec }) => matchesSelector(spec?.selector, labels))
    .map(keyOf);
}

class DisruptionReconciler implements Reconciler {
  readonly #deps: DisruptionControllerDeps;

  constructor(deps: DisruptionControllerDeps) {
    this.#deps = deps;
  }

  async reconcile({ signal }: Context, key: ObjectKey): Promise<Result> {
    const { clock, budgets, pods, scales } = this.#deps;
    const budget = budgets.get(key);
    if (budget === undefined) return done;

    const now = clock.now();
    const selected = pods
      .list(key.namespace)
      .filter(({ metadata }) => matchesSelector(budget.spec?.selector, metadata.labels));
    const disruptedPods = pendingDisruptions(budget.status?.disruptedPods, selected, now);
    const totalScale = (): number => scales.totalOf(selected);
    const status = budgetStatus(
      budget,
      selected,
      disruptedPods,
      totalScale,
      timestamp(clock.now()),
    );
    if (!isDeepEqual(status, budget.status)) await this.#write({ ...budget, status }, signal);
    const requeueAfter = nextExpiry(disruptedPods, now);
    return requeueAfter === undefined ? done : { requeueAfter };
  }

  /** A conflict means that an eviction was granted meanwhile: the watch leads here again. */
  async #write(budget: PodDisruptionBudget, signal: AbortSignal): Promise<void> {
    const options = { subresource: 'status', signal } as const;
    await ifFound(this.#deps.client.update(podDisruptionBudgets, budget, options));
  }
}
