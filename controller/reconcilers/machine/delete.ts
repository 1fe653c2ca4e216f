import { nodes, type Pod } from '#api/core.ts';
import { formatDuration } from '#api/duration.ts';
import { decodeDeletionTimeout } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import { deletionTimeoutAnnotation, machineFinalizer } from '#api/machine/v1beta1/labels.ts';
import { ApiError, ifFound, isConflict } from '#runtime/client/errors.ts';
import { removeFinalizer } from '#runtime/finalizers.ts';
import { done } from '#runtime/reconcile.ts';
import type { Context, Result } from '#runtime/reconcile.ts';
import { deletionStart, remainingWait } from './deletion-timeout.ts';
import type { Explanation } from './explanation.ts';
import * as events from './events.ts';
import { deletePod, findPod } from './pod.ts';
import { isNodeOf, record, staticNodeOf, type Deps, type Scope } from './scope.ts';

/**
 * The creation backwards: wait for the deletion timeout, Pod, Node, finalizer. Reads nothing of the
 * configuration but the timeout, so that a machine with a broken one goes too. What is left of a
 * machine that was made static later goes as well; the Node that it names stays.
 */
export async function reconcileDelete(deps: Deps, context: Context, scope: Scope): Promise<Result> {
  const { machine, draft, nodeName } = scope;
  const isStatic = staticNodeOf(machine) !== undefined;
  const wait = isStatic ? 0 : await reconcileDeletionTimeout(deps, scope);
  if (wait > 0) return { requeueAfter: wait };
  if (!(await isInstanceGone(deps, context, scope))) return done; // watches bring us back
  removeFinalizer(machine, machineFinalizer(deps.machines.kind));
  await ifFound(draft.writeMain()); // somebody else may have taken it off
  if (!isStatic) record(deps, machine, events.deleted(nodeName));
  return done;
}

async function isInstanceGone(deps: Deps, context: Context, scope: Scope): Promise<boolean> {
  try {
    return (await arePodsGone(deps, context, scope)) && (await isNodeGone(deps, context, scope));
  } catch (error) {
    if (error instanceof ApiError && !isConflict(error)) {
      scope.failure = { reason: 'FailedDelete', message: error.message };
      scope.waiting = undefined;
    }
    throw error;
  }
}

/** Milliseconds still to wait. The annotation keeps the start across restarts. */
async function reconcileDeletionTimeout(deps: Deps, scope: Scope): Promise<number> {
  const { machine, draft } = scope;
  const timeout = decodeDeletionTimeout(machine.spec?.providerSpec?.value);
  if (timeout === 0) return 0;
  const now = deps.clock.now();
  const start = deletionStart(machine.metadata, now);
  if (machine.metadata.annotations?.[deletionTimeoutAnnotation] !== start) {
    machine.metadata.annotations = {
      ...machine.metadata.annotations,
      [deletionTimeoutAnnotation]: start,
    };
    await draft.writeMain();
    record(deps, machine, events.deletionDelayed(timeout));
  }
  const wait = remainingWait(start, timeout, now);
  const end = timestamp(now + wait);
  const message = `Pod and Node stay until ${end}, for the deletionTimeout of ${formatDuration(timeout)}`;
  if (wait > 0) scope.waiting = { reason: 'DeletionDelayed', message };
  return wait;
}

/** Deletes what is left of the machine's Pods; true only once the API server has none. */
async function arePodsGone(deps: Deps, context: Context, scope: Scope): Promise<boolean> {
  let areGone = true;
  for (const pod of scope.pods) {
    if (!(await isPodGone(deps, context, scope, pod))) areGone = false;
  }
  if (scope.pods.length > 0) return areGone;
  // The cache may not know a Pod that was created a moment ago.
  const pod = await findPod(deps, context, scope);
  return pod === undefined || isPodGone(deps, context, scope, pod);
}

/** Deletes a Pod; an event tells only of one that takes its time. */
async function isPodGone(deps: Deps, context: Context, scope: Scope, pod: Pod): Promise<boolean> {
  const { namespace, name, deletionTimestamp } = pod.metadata;
  if (await deletePod(deps, context, pod)) return true;
  scope.waiting = waitingFor('Pod', `${namespace}/${name}`, pod);
  if (deletionTimestamp === undefined) {
    record(deps, scope.machine, events.deleting('Pod', `${namespace}/${name}`));
  }
  return false;
}

/**
 * Deletes the machine's own Node, and only that very object; true once the
 * API server has none: a finalizer of somebody else may hold it.
 */
async function isNodeGone(deps: Deps, context: Context, scope: Scope): Promise<boolean> {
  const { machine, nodeName } = scope;
  const { signal } = context;
  const key = { namespace: '', name: nodeName };
  const node = await ifFound(deps.client.get(nodes, key, { signal }));
  if (node === undefined || !isNodeOf(node, machine, nodeName)) return true;
  const { uid = '', deletionTimestamp } = node.metadata;
  scope.waiting = waitingFor('Node', nodeName, node);
  if (deletionTimestamp !== undefined) return false;
  context.log.info('Deleting Node', { Node: nodeName });
  const deletion = deps.client.delete(nodes, key, { preconditions: { uid }, signal });
  if ((await ifFound(deletion)) ?? true) return true;
  record(deps, machine, events.deleting('Node', nodeName));
  return false;
}

/** A finalizer of somebody else is what keeps an object longest. */
function waitingFor(
  kind: 'Pod' | 'Node',
  name: string,
  { metadata }: KubernetesObject,
): Explanation {
  const { finalizers = [] } = metadata;
  const held = finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : '';
  return { reason: `WaitingFor${kind}`, message: `${kind} ${name} is being deleted${held}` };
}
