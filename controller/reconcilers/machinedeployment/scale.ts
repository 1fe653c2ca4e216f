import { DeploymentStrategy } from '#api/machine/v1beta1/machine-deployment.ts';
import type { Context } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { scaleAnnotations, setCreation } from './machine-set.ts';
import { planScalings } from './plan.ts';
import { patchSet, record, rolloutOf, setsOf, type Deps, type Scope } from './scope.ts';

/** Scales the sets as the plan says. The only place that does, but for the creation of a set. */
export async function reconcileScale(
  deps: Deps,
  context: Context,
  { deployment }: Scope,
): Promise<void> {
  const sets = setsOf(deps, deployment);
  const rollout = rolloutOf(deployment, sets);
  const plan = new Map(planScalings(rollout).map((scaling) => [scaling.set.name, scaling]));
  const { strategy, isPaused, replicas, maxSurge } = rollout;
  const isOneByOne = strategy === DeploymentStrategy.onDelete && !isPaused;
  for (const set of sets.all) {
    const scaling = plan.get(set.metadata.name ?? '');
    await patchSet(deps, context, set, (draft) => {
      setCreation(draft, !isOneByOne || set === sets.newSet);
      if (scaling === undefined || draft.spec === undefined) return;
      draft.spec.replicas = scaling.to;
      draft.metadata.annotations = {
        ...draft.metadata.annotations,
        ...scaleAnnotations({ replicas, most: replicas + maxSurge }),
      };
    });
    const isChanged = scaling !== undefined && scaling.to !== scaling.set.desired;
    if (isChanged) record(deps, deployment, events.scaled(scaling));
  }
}
