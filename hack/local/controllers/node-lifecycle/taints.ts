import type { Node } from '#api/core.ts';
import type { Taint } from '../objects/kinds.ts';
import { readyConditionOf } from '../objects/pod.ts';
import { isSameTaint } from '../objects/tolerations.ts';

const notReady = 'node.kubernetes.io/not-ready';
const unreachable = 'node.kubernetes.io/unreachable';
const unschedulable = 'node.kubernetes.io/unschedulable';

/** Condition type, the status that is a fault, the taint that tells the scheduler. */
const faults = [
  ['Ready', 'False', notReady],
  ['Ready', 'Unknown', unreachable],
  ['MemoryPressure', 'True', 'node.kubernetes.io/memory-pressure'],
  ['DiskPressure', 'True', 'node.kubernetes.io/disk-pressure'],
  ['PIDPressure', 'True', 'node.kubernetes.io/pid-pressure'],
  ['NetworkUnavailable', 'True', 'node.kubernetes.io/network-unavailable'],
] as const;

const noScheduleKeys: ReadonlySet<string> = new Set([
  ...faults.map(([, , key]) => key),
  unschedulable,
]);

/** The NoSchedule taints that follow from a node's conditions and its cordon. */
export function withNoScheduleTaints(node: Node, now: string): Taint[] | undefined {
  const conditions = node.status?.conditions ?? [];
  const keys: string[] = faults
    .filter(([type, status]) => conditions.some((c) => c.type === type && c.status === status))
    .map(([, , key]) => key);
  if (node.spec?.unschedulable === true) keys.push(unschedulable);
  const wanted = keys.map((key) => ({ key, effect: 'NoSchedule', timeAdded: now }));
  return replaceTaints(
    node,
    wanted,
    (taint) => taint.effect === 'NoSchedule' && noScheduleKeys.has(taint.key),
  );
}

/** The NoExecute taint of a node that is not Ready; none while `mayEvict` is false. */
export function withNoExecuteTaints(
  node: Node,
  mayEvict: boolean,
  now: string,
): Taint[] | undefined {
  const key = mayEvict ? noExecuteKey(node) : undefined;
  const wanted = key === undefined ? [] : [{ key, effect: 'NoExecute', timeAdded: now }];
  return replaceTaints(
    node,
    wanted,
    (taint) => taint.effect === 'NoExecute' && [notReady, unreachable].includes(taint.key),
  );
}

/** A node that never said anything counts as unreachable, as upstream. */
function noExecuteKey(node: Node): string | undefined {
  const status = readyConditionOf(node)?.status;
  if (status === 'True') return undefined;
  return status === 'False' ? notReady : unreachable;
}

/**
 * Puts `wanted` in the place of the taints we own and keeps the others. A taint that stays keeps
 * its `timeAdded`. `undefined` when nothing changes.
 */
function replaceTaints(
  node: Node,
  wanted: readonly Taint[],
  isOwned: (taint: Taint) => boolean,
): Taint[] | undefined {
  const current = node.spec?.taints ?? [];
  const kept = current.filter(
    (taint) => !isOwned(taint) || wanted.some((w) => isSameTaint(w, taint)),
  );
  const added = wanted.filter((taint) => !current.some((c) => isSameTaint(c, taint)));
  return added.length > 0 || kept.length < current.length ? [...kept, ...added] : undefined;
}
