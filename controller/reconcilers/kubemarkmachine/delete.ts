import { parseDuration } from '#api/duration.ts';
import { secrets } from '#api/core.ts';
import { kubemarkMachineFinalizer } from '#api/infrastructure/v1alpha4/labels.ts';
import { timestamp } from '#api/timestamp.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { removeFinalizer } from '#runtime/finalizers.ts';
import { done } from '#runtime/reconcile.ts';
import type { Context, Result } from '#runtime/reconcile.ts';
import { findHollowCluster, type HollowCluster } from './hollow-cluster.ts';
import { isInherited, isOurs, secretName } from './own-objects.ts';
import { deletePod, findPod } from './pod.ts';
import type { Deps, Scope } from './scope.ts';
import { Waiting } from './waiting.ts';

/** How often a Pod on its way out is looked at where it is not watched, in milliseconds. */
const deletionPoll = 1_000;

/**
 * The creation backwards: timeout, Pod, Secret, finalizer. Asks nothing of the Machine, the Cluster or
 * the workload cluster, any of which may be gone; the Node is core's to delete.
 *
 * @throws Waiting while the Pod is there
 */
export async function reconcileDelete(deps: Deps, context: Context, scope: Scope): Promise<Result> {
  const { machine, draft } = scope;
  waitForTimeout(deps, scope);
  const hollow = await whereItMayBe(deps, context, scope);
  if (hollow !== undefined) {
    await deletePods(deps, context, scope, hollow);
    await deleteSecret(context, scope, hollow);
  }
  removeFinalizer(machine, kubemarkMachineFinalizer);
  await ifFound(draft.writeMain());
  return done;
}

function waitForTimeout({ clock }: Deps, { machine }: Scope): void {
  const { deletionTimestamp = '' } = machine.metadata;
  const timeout = durationOr0(machine.spec?.deletionTimeout);
  const end = Date.parse(deletionTimestamp) + timeout;
  const rest = end - clock.now();
  if (!(rest > 0)) return;
  throw new Waiting('DeletionDelayed', `the Pod stays until ${timestamp(end)}`, rest);
}

/** A machine with a broken spec must still go away. */
function durationOr0(text: string | undefined): number {
  try {
    return text === undefined ? 0 : parseDuration(text);
  } catch {
    return 0;
  }
}

/** Undefined: nothing can be deleted, as nothing was made or nobody can reach it any more. */
async function whereItMayBe(
  deps: Deps,
  context: Context,
  scope: Scope,
): Promise<HollowCluster | undefined> {
  try {
    return await findHollowCluster(deps, context, scope); // undefined: its Secret is gone
  } catch (error) {
    const hadPod = scope.machine.status?.pod !== undefined;
    // A reference that was wrong from the beginning must not hold the machine.
    if (hadPod || !(error instanceof Waiting)) throw error;
    return undefined;
  }
}

async function deletePods(
  deps: Deps,
  context: Context,
  scope: Scope,
  hollow: HollowCluster,
): Promise<void> {
  const pod = await findPod(deps, context, scope, hollow);
  scope.pod = pod;
  if (pod === undefined || (await deletePod(context, hollow, pod))) return;
  const { namespace, name, finalizers = [] } = pod.metadata;
  const held = finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : '';
  const message = `Pod ${namespace}/${name} is being deleted${held}`;
  throw new Waiting('WaitingForPod', message, hollow.isExternal ? deletionPoll : undefined);
}

async function deleteSecret(
  { signal }: Context,
  scope: Scope,
  hollow: HollowCluster,
): Promise<void> {
  const key = { namespace: hollow.namespace, name: secretName(scope) };
  await hollow.ask(async (client, timeout) => {
    const secret = await ifFound(client.get(secrets, key, { signal, timeout }));
    if (secret === undefined || !(isOurs(secret, scope) || isInherited(secret))) return;
    const preconditions = { uid: secret.metadata.uid ?? '' };
    await ifFound(client.delete(secrets, key, { preconditions, signal, timeout }));
  });
}
