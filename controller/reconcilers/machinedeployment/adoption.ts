import {
  machineDeployments,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { OwnerReference } from '#api/meta.ts';
import { ifFound, isConflict, isInvalid, isNotFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { controllerReference } from '#runtime/owner-references.ts';
import type { Context } from '#runtime/reconcile.ts';
import * as events from './events.ts';
import {
  controlledBy,
  isDeleting,
  isSelectedBy,
  orphansByNamespace,
  patchSet,
  record,
  type Deps,
} from './scope.ts';

/** Takes in MachineSets that match and are nobody's; lets go those that match no more. */
export async function reconcileOwnership(
  deps: Deps,
  context: Context,
  deployment: MachineDeployment,
): Promise<void> {
  const { uid, namespace = '' } = deployment.metadata;
  for (const set of controlledBy(deps, deployment)) {
    if (isDeleting(set) || isSelectedBy(deployment, set)) continue;
    const isReleased = await setOwners(deps, context, set, (owners) =>
      owners.filter((owner) => owner.uid !== uid),
    );
    if (isReleased) record(deps, deployment, events.released(set.metadata.name ?? ''));
  }

  const orphans = deps.machineSets
    .byIndex(orphansByNamespace, namespace)
    .filter((set) => !isDeleting(set) && isSelectedBy(deployment, set));
  if (orphans.length === 0 || !(await isStillThere(deps, context, deployment))) return;
  for (const set of orphans) {
    const isAdopted = await setOwners(deps, context, set, (owners) => [
      ...owners,
      controllerReference(machineDeployments, deployment),
    ]);
    if (isAdopted) record(deps, deployment, events.adopted(set.metadata.name ?? ''));
  }
}

/** The API server's word: the sets of one deleted with `--cascade=orphan` must not come back to it. */
async function isStillThere(
  { client }: Deps,
  { signal }: Context,
  deployment: MachineDeployment,
): Promise<boolean> {
  const { uid } = deployment.metadata;
  const stored = await ifFound(client.get(machineDeployments, keyOf(deployment), { signal }));
  return stored !== undefined && stored.metadata.uid === uid && !isDeleting(stored);
}

/** Whether it came to that: a set that has changed meanwhile comes back with its change. */
async function setOwners(
  deps: Deps,
  context: Context,
  set: MachineSet,
  change: (owners: OwnerReference[]) => OwnerReference[],
): Promise<boolean> {
  try {
    await patchSet(deps, context, set, ({ metadata }) => {
      metadata.ownerReferences = change(metadata.ownerReferences ?? []);
    });
    return true;
  } catch (error) {
    if (isConflict(error) || isNotFound(error) || isInvalid(error)) return false;
    throw error;
  }
}
