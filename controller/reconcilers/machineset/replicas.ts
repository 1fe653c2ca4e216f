import { noCreationAnnotation } from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { ifFound, isAlreadyExists, isConflict, isNotFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { messageOf } from '#runtime/error-text.ts';
import { forEachOf } from '#runtime/for-each.ts';
import { done, type Context, type Result } from '#runtime/reconcile.ts';
import { deletionOrder } from './deletion-order.ts';
import * as events from './events.ts';
import { desiredMachine } from './machine.ts';
import { freeNames } from './names.ts';
import { membersOf, nodeOf, record, type Deps, type Scope } from './scope.ts';
import { isAvailable } from './status.ts';

/** How many Machines are created or deleted at once: an API server has others to serve. */
const concurrency = 16;

/** Creates what is missing or deletes what is too much. */
export async function reconcileReplicas(
  deps: Deps,
  context: Context,
  scope: Scope,
): Promise<Result> {
  const { set } = scope;
  const members = membersOf(deps, set);
  const surplus = members.length - (set.spec?.replicas ?? 1);
  if (surplus < 0 && mayCreate(set)) return createMissing(deps, context, scope, -surplus);
  if (surplus > 0) await deleteSurplus(deps, context, scope, chosen(deps, set, members, surplus));
  return done;
}

/** Not where a MachineDeployment replaces what is lost by Machines of another set. */
function mayCreate({ metadata }: MachineSet): boolean {
  return metadata.annotations?.[noCreationAnnotation] === undefined;
}

/** Those whose deletion was tried before go first: it may have happened. */
function chosen(
  deps: Deps,
  set: MachineSet,
  members: readonly Machine[],
  surplus: number,
): Machine[] {
  const { deletions, clock } = deps;
  const now = clock.now();
  const ordered = deletionOrder(members, set.spec?.deletePolicy, (machine) =>
    isAvailable(set, { machine, node: nodeOf(deps, machine) }, now),
  );
  const [asked, others] = [true, false].map((isAsked) =>
    ordered.filter((machine) => deletions.isAsked(machine) === isAsked),
  );
  return [...(asked ?? []), ...(others ?? [])].slice(0, surplus);
}

async function createMissing(
  deps: Deps,
  context: Context,
  scope: Scope,
  missing: number,
): Promise<Result> {
  const { set } = scope;
  if (!(await deps.ownership.isThere(context, set))) return done;
  const { namespace = '' } = set.metadata;
  const isTaken = (name: string): boolean => deps.machines.get({ namespace, name }) !== undefined;
  const created: string[] = [];
  context.log.info('Creating Machines', { count: missing });
  try {
    await forEachOf(freeNames(set, missing, isTaken), concurrency, async (name) => {
      if (await createMachine(deps, context, desiredMachine(set, name))) created.push(name);
    });
  } catch (error) {
    scope.failure = { reason: 'FailedCreate', message: messageOf(error) };
    throw error;
  } finally {
    if (created.length > 0) record(deps, set, events.created(created));
  }
  // What had a name of ours without being ours leaves a gap.
  return created.length < missing ? { requeueAfter: 0 } : done;
}

/** Whether it is new: an earlier try may have come further than its answer. */
async function createMachine(
  { client, machines: cache }: Deps,
  { signal }: Context,
  desired: Machine,
): Promise<boolean> {
  try {
    cache.observe(await client.create(cache.kind, desired, { signal }));
    return true;
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const found = await ifFound(client.get(cache.kind, keyOf(desired), { signal }));
    if (found !== undefined) cache.observe(found);
    return false;
  }
}

async function deleteSurplus(
  deps: Deps,
  context: Context,
  scope: Scope,
  surplus: readonly Machine[],
): Promise<void> {
  const deleted: string[] = [];
  context.log.info('Deleting Machines', { count: surplus.length });
  try {
    await forEachOf(surplus, concurrency, async (machine) => {
      await deleteMachine(deps, context, machine);
      deleted.push(machine.metadata.name ?? '');
    });
  } catch (error) {
    scope.failure = { reason: 'FailedDelete', message: messageOf(error) };
    throw error;
  } finally {
    if (deleted.length > 0) record(deps, scope.set, events.deleted(deleted));
  }
}

/** A Machine that is gone, or replaced by another of its name, is as good as deleted. */
async function deleteMachine(
  { client, machines: { kind }, deletions }: Deps,
  { signal }: Context,
  machine: Machine,
): Promise<void> {
  const { uid } = machine.metadata;
  deletions.ask(machine);
  try {
    const preconditions = uid === undefined ? {} : { uid };
    await client.delete(kind, keyOf(machine), { preconditions, signal });
  } catch (error) {
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
  deletions.agree(machine);
}
