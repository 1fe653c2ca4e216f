import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import type { OwnerReference } from '#api/meta.ts';
import { ifFound, isConflict, isInvalid, isNotFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { Draft } from '#runtime/client/patch.ts';
import { controllerReference } from '#runtime/owner-references.ts';
import type { Context } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import {
  controlledBy,
  isDeleting,
  isSelectedBy,
  orphansByNamespace,
  record,
  type Deps,
} from './scope.ts';

/** Takes in Machines that match and are nobody's; lets go those that match no more. */
export async function reconcileOwnership(
  deps: Deps,
  context: Context,
  set: MachineSet,
): Promise<void> {
  const { uid, namespace = '' } = set.metadata;
  for (const machine of controlledBy(deps, set)) {
    if (isDeleting(machine) || isSelectedBy(set, machine)) continue;
    const isReleased = await setOwners(deps, context, machine, (owners) =>
      owners.filter((owner) => owner.uid !== uid),
    );
    if (isReleased) record(deps, set, events.released(machine.metadata.name ?? ''));
  }

  const orphans = deps.machines
    .byIndex(orphansByNamespace, namespace)
    .filter((machine) => !isDeleting(machine) && isSelectedBy(set, machine));
  if (orphans.length === 0 || !(await isStillThere(deps, context, set))) return;
  for (const machine of orphans) {
    const isAdopted = await setOwners(deps, context, machine, (owners) => [
      ...owners,
      controllerReference(machineSets, set),
    ]);
    if (isAdopted) record(deps, set, events.adopted(machine.metadata.name ?? ''));
  }
}

/**
 * The API server's word, not the cache's: who is deleted with `--cascade=orphan` sets its Machines free,
 * and they must not come back to it.
 */
async function isStillThere(
  { client }: Deps,
  { signal }: Context,
  set: MachineSet,
): Promise<boolean> {
  const stored = await ifFound(client.get(machineSets, keyOf(set), { signal }));
  return stored !== undefined && stored.metadata.uid === set.metadata.uid && !isDeleting(stored);
}

/** Whether it came to that: a Machine that has changed meanwhile comes back with its change. */
async function setOwners(
  { client, machines: cache }: Deps,
  { signal }: Context,
  machine: Machine,
  change: (owners: OwnerReference[]) => OwnerReference[],
): Promise<boolean> {
  const observe = (answer: Machine): void => cache.observe(answer);
  const draft = new Draft({ client, kind: machines, stored: machine, signal, observe });
  const { metadata } = draft.object;
  metadata.ownerReferences = change(metadata.ownerReferences ?? []);
  try {
    await draft.writeMain();
    return true;
  } catch (error) {
    if (isConflict(error) || isNotFound(error) || isInvalid(error)) return false;
    throw error;
  }
}
