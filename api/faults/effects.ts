import { faultyConditions, type ConditionValue } from './conditions.ts';
import type { Fault } from './decode.ts';

/**
 * What the active faults together come to.
 *
 * Precedence, from the strongest: a node that has crashed is down; one that is not to join yet does
 * not; an unreachable one is cut off. None of them sends anything, so nothing below has an effect then.
 * Of what is sent, requests wait (the latencies that hit them, added up), then fail (the first error
 * that hits). Renewals of the lease wait for the slowest heartbeat. Conditions: `faultyConditions`.
 */
export interface Effects {
  /** The process is not there. */
  readonly isDown: boolean;
  /** It does not come back by itself: it ends, and whoever runs it starts it again. */
  readonly isEnded: boolean;
  /** A Node that is not registered yet is not registered now. */
  readonly mayJoin: boolean;
  /** Nothing passes, in either direction. */
  readonly isCut: boolean;
  readonly arePodsFrozen: boolean;
  /** Decided by faults, whatever the kubelet finds. */
  readonly conditions: readonly ConditionValue[];
  /** Milliseconds that each renewal of the lease is late. */
  readonly heartbeatDelay: number;
  readonly latencies: readonly { readonly delay: number; readonly percent: number }[];
  readonly errors: readonly { readonly code: number; readonly percent: number }[];
  /** To register with; absent: the right one. The one declared last wins. */
  readonly providerID?: string;
}

export function effectsOf(active: readonly Fault[]): Effects {
  const has = (...types: Fault['type'][]): boolean =>
    active.some(({ type }) => types.includes(type));
  const wrong = active.findLast((fault) => fault.type === 'WrongProviderID');
  const heartbeats = active.filter((fault) => fault.type === 'SlowHeartbeat');
  return {
    isDown: has('Crash'),
    isEnded: active.some(({ type, duration }) => type === 'Crash' && duration === undefined),
    mayJoin: !has('NeverJoin', 'LateJoin'),
    isCut: has('Crash', 'Unreachable'),
    arePodsFrozen: active.some((fault) => fault.type === 'NotReady' && fault.freezesPods !== false),
    conditions: faultyConditions(active),
    heartbeatDelay: Math.max(0, ...heartbeats.map(({ delay }) => delay)),
    latencies: active.filter((fault) => fault.type === 'APILatency'),
    errors: active.filter((fault) => fault.type === 'APIErrors'),
    ...(wrong !== undefined && { providerID: wrong.providerID }),
  };
}

/** What happens to one request. */
export interface Treatment {
  /** Milliseconds it waits. */
  readonly delay: number;
  /** The HTTP status it fails with; absent: it passes. */
  readonly code?: number;
}

/** @param random 0 ≤ x < 1, asked once for each latency and error */
export function treatmentOf({ latencies, errors }: Effects, random: () => number): Treatment {
  const isHit = ({ percent }: { percent: number }): boolean => random() * 100 < percent;
  const delay = latencies.filter(isHit).reduce((sum, latency) => sum + latency.delay, 0);
  const error = errors.find(isHit);
  return { delay, ...(error && { code: error.code }) };
}
