import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Context } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import { stateOf } from './machine-set.ts';
import { isComplete } from './progress.ts';
import { revisionOf } from './revision.ts';
import { isPaused, record, rolloutOf, setsOf, type Deps, type Scope } from './scope.ts';

const defaultLimit = 1;

/** Deletes the empty sets of the oldest templates once a rollout has come to its end. */
export async function reconcileHistory(
  deps: Deps,
  { signal, log }: Context,
  { deployment }: Scope,
): Promise<void> {
  const sets = setsOf(deps, deployment);
  if (isPaused(deployment) || !isComplete(rolloutOf(deployment, sets))) return;
  const { revisionHistoryLimit = defaultLimit } = deployment.spec ?? {};
  const empty = sets.oldSets
    .filter(isEmpty)
    .toSorted((one, other) => revisionOf(one) - revisionOf(other));
  for (const set of empty.slice(0, Math.max(0, empty.length - revisionHistoryLimit))) {
    const { name = '', uid } = set.metadata;
    log.info('Deleting MachineSet', { MachineSet: name });
    const preconditions = uid === undefined ? {} : { uid };
    await ifFound(deps.client.delete(machineSets, keyOf(set), { preconditions, signal }));
    record(deps, deployment, events.deleted(name));
  }
}

function isEmpty(set: MachineSet): boolean {
  const { desired, current, isObserved } = stateOf(set);
  return desired === 0 && current === 0 && isObserved;
}
