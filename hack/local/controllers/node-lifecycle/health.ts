import type { Lease, Node, NodeCondition } from '#api/core.ts';
import { findCondition, readyConditionOf } from '../objects/pod.ts';

/** What the monitor remembers about a node between two passes. */
export interface Health {
  readonly heartbeat: string | undefined;
  readonly renewTime: string | undefined;
  /** Monotonic milliseconds at which one of the two was last seen to move. */
  readonly lastSign: number;
}

export interface GracePeriods {
  /** Milliseconds without a sign of life until a node is Unknown. */
  readonly gracePeriod: number;
  /** The same for a node that has not posted any status yet. */
  readonly startupGracePeriod: number;
}

/** The condition types that nobody vouches for when the kubelet is silent. */
const kubeletConditions = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/**
 * A sign of life is that a time *moved*; what it says does not matter, so clocks of nodes need not
 * agree with ours.
 */
export function observeHealth(
  previous: Health | undefined,
  node: Node,
  lease: Lease | undefined,
  now: number,
): Health {
  const heartbeat = readyConditionOf(node)?.lastHeartbeatTime;
  const renewTime = lease?.spec?.renewTime;
  const moved =
    previous === undefined ||
    previous.heartbeat !== heartbeat ||
    (renewTime !== undefined && previous.renewTime !== renewTime);
  return { heartbeat, renewTime, lastSign: moved ? now : previous.lastSign };
}

export function isSilent(health: Health, periods: GracePeriods, now: number): boolean {
  const hasPosted = health.heartbeat !== undefined;
  return now >= health.lastSign + (hasPosted ? periods.gracePeriod : periods.startupGracePeriod);
}

/**
 * The conditions of a silent node: the kubelet's own turn Unknown, the rest stay in place.
 * `undefined` when that is what they are already.
 */
export function unknownConditions(node: Node, now: string): NodeCondition[] | undefined {
  const conditions = node.status?.conditions ?? [];
  const stopped = conditions.map((condition) =>
    kubeletConditions.includes(condition.type) && condition.status !== 'Unknown'
      ? {
          ...condition,
          status: 'Unknown',
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: now,
        }
      : condition,
  );
  const neverPosted = kubeletConditions
    .filter((type) => findCondition(conditions, type) === undefined)
    .map((type) => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp ?? now,
      lastTransitionTime: now,
    }));
  const changed = neverPosted.length > 0 || stopped.some((after, i) => after !== conditions[i]);
  return changed ? [...stopped, ...neverPosted] : undefined;
}
