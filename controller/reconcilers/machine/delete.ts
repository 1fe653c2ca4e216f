import { nodes, type Node, type Pod } from '#api/core.ts';
import { formatDuration } from '#api/duration.ts';
import { decodeDeletionTimeout } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import type { KubernetesObject } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import { deletionTimeoutAnnotation, machineFinalizer } from '#api/machine/v1beta1/labels.ts';
import { ApiError, ifFound, isConflict } from '#runtime/client/errors.ts';
import { removeFinalizer } from '#runtime/finalizers.ts';
import { done } from '#runtime/reconcile.ts';
import type { Context, Result } from '#runtime/reconcile.ts';
import { MachineCondition } from './conditions.ts';
import { deletionStart, remainingWait } from './deletion-timeout.ts';
import { reconcileDrain } from './drain/drain.ts';
import { DrainReason } from './drain/progress.ts';
import type { Explanation } from './explanation.ts';
import * as events from './events.ts';
import { isHeld } from './hooks.ts';
import { deletePod, findPod } from './pod.ts';
import { isNodeOf, record, staticNodeOf, type Deps, type Scope } from './scope.ts';

/** What a static machine does without: the Node that it names goes on as it is. */
const farewell = [reconcileDrain, reconcilePreTerminate, reconcileDeletionTimeout];

/**
 * The creation backwards: drain, hooks, deletion timeout, Pod, Node, finalizer (docs/api/deletion.md).
 * Reads nothing of the configuration but the timeout, so that a machine with a broken one goes too. What
 * is left of a machine that was made static later goes as well; the Node that it names stays.
 */
export async function reconcileDelete(deps: Deps, context: Context, scope: Scope): Promise<Result> {
  const { machine, draft, nodeName } = scope;
  const isStatic = staticNodeOf(machine) !== undefined;
  for (const phase of isStatic ? [] : farewell) {
    const result = await tellingFailures(scope, () => phase(deps, context, scope));
    if (result !== undefined) return result;
  }
  const isGone = await tellingFailures(scope, async () => {
    return (await arePodsGone(deps, context, scope)) && isNodeGone(deps, context, scope);
  });
  if (!isGone) return done; // watches bring us back
  removeFinalizer(machine, machineFinalizer(deps.machines.kind));
  await ifFound(draft.writeMain()); // somebody else may have taken it off
  if (!isStatic) record(deps, machine, events.deleted(nodeName));
  return done;
}

async function tellingFailures<T>(scope: Scope, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof ApiError && !isConflict(error)) {
      scope.failure = { reason: 'FailedDelete', message: error.message };
      scope.waiting = undefined;
    }
    throw error;
  }
}

/** While others have something to do before the instance goes. The Machine's watch brings us back. */
async function reconcilePreTerminate(
  _deps: Deps,
  _context: Context,
  scope: Scope,
): Promise<Result | undefined> {
  return isHeld(scope, 'preTerminate') ? done : undefined;
}

/** Until the instance may go. The annotation keeps the start across restarts. */
async function reconcileDeletionTimeout(
  deps: Deps,
  _context: Context,
  scope: Scope,
): Promise<Result | undefined> {
  const { machine, draft } = scope;
  const timeout = decodeDeletionTimeout(machine.spec?.providerSpec?.value);
  if (timeout === 0) return undefined;
  const now = deps.clock.now();
  const start = deletionStart(machine.metadata, now, dueTime(scope));
  if (machine.metadata.annotations?.[deletionTimeoutAnnotation] !== start) {
    machine.metadata.annotations = {
      ...machine.metadata.annotations,
      [deletionTimeoutAnnotation]: start,
    };
    await draft.writeMain();
    record(deps, machine, events.deletionDelayed(timeout));
  }
  const wait = remainingWait(start, timeout, now);
  if (wait <= 0) return undefined;
  const end = timestamp(now + wait);
  const message = `Pod and Node stay until ${end}, for the deletionTimeout of ${formatDuration(timeout)}`;
  scope.waiting = { reason: 'DeletionDelayed', message };
  return { requeueAfter: wait };
}

/** When the wait was to begin: with the deletion, or when a drain or the last hook after it has ended. */
function dueTime({ machine, conditions }: Scope): string | undefined {
  const { deletionTimestamp = '' } = machine.metadata;
  const ends = conditions
    .filter(({ type, status, reason }) => {
      if (status !== 'True') return false;
      return type === MachineCondition.terminable || reason === DrainReason.succeeded;
    })
    .map(({ lastTransitionTime = '' }) => lastTransitionTime);
  return [deletionTimestamp, ...ends].toSorted().at(-1);
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
  // The cache may not know a Node that registered a moment ago.
  const node = ownNode(scope) ?? (await ifFound(deps.client.get(nodes, key, { signal })));
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

/** Not the one that a static machine stands for. */
function ownNode({ node, nodeName }: Scope): Node | undefined {
  return node?.metadata.name === nodeName ? node : undefined;
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
