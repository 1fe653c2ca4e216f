import { nodes, pods, type Node } from '#api/core.ts';
import { excludeDrainAnnotation } from '#api/machine/v1beta1/labels.ts';
import { timestamp } from '#api/timestamp.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { done, type Context, type Result } from '#runtime/reconcile.ts';
import { findCondition, MachineCondition, setCondition } from '../conditions.ts';
import * as events from '../events.ts';
import { isHeld } from '../hooks.ts';
import { isFinished } from '#controller/hollow-pod/instance.ts';
import { podCount } from '../listed.ts';
import type { Deps, Scope } from '../scope.ts';
import { evictPods } from './evict.ts';
import { healthOf, planDrain, shortGrace, type NodeHealth } from './plan.ts';
import {
  DrainReason,
  drainingCondition,
  exemptionsText,
  pauseAfter,
  totalOf,
  type Progress,
} from './progress.ts';

/**
 * Until no Pod is left on the machine's Node that a drain is about. Each reconcile looks once: what is
 * there, who has to go, what refuses; the condition `Drained` tells, and a timer brings us back. The
 * Pods of tenants are not watched: there are very many, and this concerns few.
 */
export async function reconcileDrain(
  deps: Deps,
  context: Context,
  scope: Scope,
): Promise<Result | undefined> {
  const { machine, conditions, node, nodeName } = scope;
  if (findCondition(conditions, MachineCondition.drained)?.status === 'True') return undefined;
  if (machine.metadata.annotations?.[excludeDrainAnnotation] !== undefined) {
    scope.news.push(events.drainSkipped());
    return end(deps, scope, DrainReason.skipped, `Excluded by ${excludeDrainAnnotation}`);
  }
  if (node === undefined && machine.status?.nodeRef === undefined) {
    return end(deps, scope, DrainReason.skipped, 'There is no Node');
  }
  if (isHeld(scope, 'preDrain')) return done; // the Machine's watch brings us back
  if (node === undefined || !(await cordon(deps, context, node))) {
    return end(deps, scope, DrainReason.skipped, `Node ${nodeName} is gone`);
  }
  return drain(deps, context, scope, node);
}

/** Keeps new Pods off the Node; false when it is gone. */
async function cordon({ client }: Deps, context: Context, node: Node): Promise<boolean> {
  if (node.spec?.unschedulable === true) return true;
  const { name = '', uid = '' } = node.metadata;
  context.log.info('Cordoning Node', { Node: name });
  const patch = { metadata: { uid }, spec: { unschedulable: true } };
  const { signal } = context;
  return (
    (await ifFound(client.patch(nodes, { namespace: '', name }, patch, { signal }))) !== undefined
  );
}

async function drain(
  deps: Deps,
  context: Context,
  scope: Scope,
  node: Node,
): Promise<Result | undefined> {
  const { items } = await deps.client.list(pods, {
    fieldSelector: `spec.nodeName=${node.metadata.name}`,
    resourceVersion: '0', // from the server's memory, by Node; for newer ones it goes through all Pods
    signal: context.signal,
  });
  const health = healthOf(node, hasInstance(scope));
  const now = deps.clock.now();
  const startedAt = startOf(scope) ?? now;
  const { left, toEvict, exempt } = planDrain(items, { now, startedAt, health });
  if (left.length === 0) return finish(deps, scope, exemptionsText(exempt));
  context.log.info('Evicting Pods', { Node: scope.nodeName, left: left.length, health });
  const refusals = await evictPods(deps.client, context, toEvict, graceOf(health));
  return goOn(deps, scope, { left, refusals });
}

/** Milliseconds since the epoch; undefined: this is the first look, or the next one after a kill. */
function startOf({ machine, conditions }: Scope): number | undefined {
  const { lastTransitionTime } = findCondition(conditions, MachineCondition.drainable) ?? {};
  if (lastTransitionTime === undefined) return undefined;
  // The last hook may have gone long before the deletion.
  const { deletionTimestamp = '' } = machine.metadata;
  return Math.max(Date.parse(lastTransitionTime), Date.parse(deletionTimestamp));
}

/** Whether a kubelet runs that can end Pods: no new one comes while the machine goes. */
function hasInstance({ pods: ownPods }: Scope): boolean {
  return ownPods.some((pod) => !isFinished(pod));
}

const graceOf = (health: NodeHealth): number | undefined =>
  health === 'Unreachable' ? shortGrace : undefined;

/** Tells how far it is, and comes back. */
function goOn(deps: Deps, scope: Scope, progress: Progress): Result {
  const { conditions, nodeName, news } = scope;
  const now = deps.clock.now();
  const before = findCondition(conditions, MachineCondition.drained);
  const condition = drainingCondition(before, progress, now);
  const { reason, message } = condition;
  if (before === undefined) news.push(events.drainProceeds(progress.left.length, nodeName));
  const isBlocked = reason === DrainReason.blocked;
  if (isBlocked && before?.reason !== reason) news.push(events.drainBlocked(message));
  setCondition(conditions, condition, timestamp(now));
  // True since the last hook is gone, or now: its time is that of the start.
  setCondition(conditions, { type: MachineCondition.drainable, status: 'True' }, timestamp(now));
  scope.waiting = { reason, message };
  return { requeueAfter: pauseAfter(findCondition(conditions, MachineCondition.drained), now) };
}

function finish(deps: Deps, scope: Scope, exemptions: string): undefined {
  const { conditions, nodeName, news } = scope;
  const total = totalOf(findCondition(conditions, MachineCondition.drained), 0);
  if (total === 0) {
    return end(deps, scope, DrainReason.nothingToEvict, `No Pods to evict${exemptions}`);
  }
  const message = `Evicted ${podCount(total)} from Node ${nodeName}${exemptions}`;
  news.push(events.drainSucceeded(message));
  return end(deps, scope, DrainReason.succeeded, message);
}

/** The deletion goes on. */
function end(deps: Deps, { conditions }: Scope, reason: DrainReason, message: string): undefined {
  const condition = { type: MachineCondition.drained, status: 'True', reason, message };
  setCondition(conditions, condition, timestamp(deps.clock.now()));
}
