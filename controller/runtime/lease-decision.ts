import type { Lease } from '#api/core.ts';
import { microTimestamp } from '#api/timestamp.ts';

/** A lease as it was last read, and when it was first seen like that by our own monotonic clock. */
export interface Observation {
  readonly lease: Lease;
  readonly since: number;
}

export type Decision = 'create' | 'renew' | 'take' | 'wait';

/**
 * What a candidate does about the lease it sees; `now` and `Observation.since` are
 * `Clock.monotonic`. As in client-go, the times inside the lease are never compared with our clock:
 * what counts is for how long we have seen no change.
 */
export function decide(
  observation: Observation | undefined,
  identity: string,
  now: number,
  defaultDuration: number,
): Decision {
  if (observation === undefined) return 'create';
  const { holderIdentity: holder, leaseDurationSeconds: seconds } = observation.lease.spec ?? {};
  if (holder === identity) return 'renew';
  const duration = seconds === undefined ? defaultDuration : seconds * 1000;
  return !holder || now - observation.since >= duration ? 'take' : 'wait';
}

/** What the holder writes. A new holder starts its own term. */
export function leaseSpec(
  previous: Lease['spec'],
  identity: string,
  duration: number,
  now: number,
): NonNullable<Lease['spec']> {
  const isSameTerm = previous?.holderIdentity === identity;
  const renewTime = microTimestamp(now);
  const transitions = previous?.leaseTransitions ?? 0;
  return {
    holderIdentity: identity,
    leaseDurationSeconds: Math.ceil(duration / 1000),
    acquireTime: isSameTerm ? (previous.acquireTime ?? renewTime) : renewTime,
    renewTime,
    leaseTransitions: isSameTerm || previous === undefined ? transitions : transitions + 1,
  };
}

/** What a holder leaves behind that goes in peace: the next candidate need not wait. */
export function releasedSpec(previous: Lease['spec'], now: number): NonNullable<Lease['spec']> {
  return {
    leaseDurationSeconds: 1,
    renewTime: microTimestamp(now),
    leaseTransitions: previous?.leaseTransitions ?? 0,
  };
}
