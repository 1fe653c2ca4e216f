import { leases, type Lease } from '#api/core.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { Client } from './client/client.ts';
import { isAlreadyExists, isConflict, isNotFound } from './client/errors.ts';
import { isDeepEqual } from './client/merge-patch.ts';
import type { Clock } from './clock.ts';
import { Deadline } from './deadline.ts';
import { decide, leaseSpec, releasedSpec, type Observation } from './lease-decision.ts';
import type { Logger } from './log.ts';

export interface LeaderElectionOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  /** Of the Lease. */
  namespace: string;
  name: string;
  /** Unique to this process. */
  identity: string;
  /** Milliseconds without a change after which others may take the lease. */
  leaseDuration?: number;
  /** Milliseconds without a successful renewal after which we stop leading; less than the above. */
  renewDeadline?: number;
  /** Milliseconds between attempts. */
  retryPeriod?: number;
  /** Told of every change. */
  onChange?: (isLeader: boolean) => void;
}

/** We led and cannot be sure of it any more: another process may write now. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError';
}

const releaseTimeout = 3_000;

/**
 * Sees to it that at most one process leads, with the protocol of client-go's `LeaseLock`.
 *
 * Guarantee: as long as clocks run at about the same speed, `leading` has aborted in the old leader
 * before another process leads (`renewDeadline` < `leaseDuration`).
 */
export class LeaderElector {
  readonly #options: Required<Omit<LeaderElectionOptions, 'onChange'>>;
  readonly #onChange: (isLeader: boolean) => void;
  readonly #log: Logger;
  #observation: Observation | undefined;

  constructor(options: LeaderElectionOptions) {
    const { namespace, name, log, onChange = () => {} } = options;
    const times = { leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 };
    this.#options = { ...times, ...options };
    this.#onChange = onChange;
    this.#log = log.with({ Lease: { namespace, name } });
    onChange(false);
  }

  /**
   * Waits for the lease, holds it while `lead` runs, and releases it. `lead` is not called when
   * `signal` aborts before.
   *
   * @throws LeadershipLostError at once when the lease is lost; `leading` has aborted then
   */
  async run(signal: AbortSignal, lead: (leading: AbortSignal) => Promise<void>): Promise<void> {
    if (!(await this.#acquire(signal))) return;
    this.#log.info('Leading', { identity: this.#options.identity });
    this.#onChange(true);
    const leading = new AbortController();
    const finished = new AbortController();
    const kept = this.#keep(finished.signal).catch((error: unknown) => {
      leading.abort(error);
      throw error;
    });
    const led = lead(leading.signal).finally(() => finished.abort());
    try {
      await Promise.all([led, kept]);
    } finally {
      this.#onChange(false);
      if (!leading.signal.aborted) await this.#release();
    }
  }

  /** Resolves to whether it was ours before `signal` aborted. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const { clock, renewDeadline, retryPeriod } = this.#options;
    this.#log.info('Waiting for the lease');
    while (!signal.aborted) {
      using deadline = new Deadline(clock, renewDeadline, signal);
      try {
        if (await this.#attempt(deadline.signal)) return true;
      } catch (error) {
        if (!signal.aborted) this.#log.error('Failed to acquire the lease', error);
      }
      await pause(clock, retryPeriod, signal);
    }
    return false;
  }

  /** Renews until `stop` aborts; rejects as soon as the lease cannot be called ours. */
  async #keep(stop: AbortSignal): Promise<void> {
    const { clock, renewDeadline, retryPeriod } = this.#options;
    let renewedAt = clock.monotonic();
    for (;;) {
      const rest = renewedAt + renewDeadline - clock.monotonic();
      await pause(clock, Math.min(retryPeriod, rest), stop);
      if (stop.aborted) return;
      const startedAt = clock.monotonic();
      const remaining = renewedAt + renewDeadline - startedAt;
      // Also when the process was suspended and wakes up too late.
      if (remaining <= 0) throw new LeadershipLostError('the lease could not be renewed in time');
      using deadline = new Deadline(clock, remaining, stop);
      try {
        if (!(await this.#attempt(deadline.signal))) break;
        renewedAt = startedAt;
      } catch (error) {
        if (!stop.aborted) this.#log.error('Failed to renew the lease', error);
      }
    }
    const holder = this.#observation?.lease.spec?.holderIdentity;
    throw new LeadershipLostError(`the lease is held by ${holder}`);
  }

  /** Resolves to whether the lease is ours now. */
  async #attempt(signal: AbortSignal): Promise<boolean> {
    const { clock, identity, leaseDuration } = this.#options;
    // The holder tries with what it knows first: usually one request is enough.
    const held = this.#observation?.lease;
    if (held?.spec?.holderIdentity === identity && (await this.#hold(held, signal))) return true;
    await this.#observe(signal);
    const decision = decide(this.#observation, identity, clock.monotonic(), leaseDuration);
    return decision !== 'wait' && this.#hold(this.#observation?.lease, signal);
  }

  /** Resolves to false when somebody else has written the lease meanwhile. */
  async #hold(previous: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#write(previous, signal);
      return true;
    } catch (error) {
      if (isConflict(error) || isAlreadyExists(error) || isNotFound(error)) return false;
      throw error;
    }
  }

  async #write(previous: Lease | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, namespace, name, identity, leaseDuration } = this.#options;
    const spec = leaseSpec(previous?.spec, identity, leaseDuration, clock.now());
    const lease =
      previous === undefined
        ? await client.create(leases, newLease(namespace, name, spec), { signal })
        : await client.update(leases, { ...previous, spec }, { signal });
    this.#observation = { lease, since: clock.monotonic() };
  }

  async #observe(signal: AbortSignal): Promise<void> {
    const lease = await this.#find(signal);
    const known = this.#observation;
    const isUnchanged = isDeepEqual(known?.lease.spec, lease?.spec);
    const since = known && isUnchanged ? known.since : this.#options.clock.monotonic();
    this.#observation = lease && { lease, since };
  }

  async #find(signal: AbortSignal): Promise<Lease | undefined> {
    const { client, namespace, name } = this.#options;
    try {
      return await client.get(leases, { namespace, name }, { signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Read again first: a renewal that was cut off may have arrived all the same. */
  async #release(): Promise<void> {
    const { client, clock, identity } = this.#options;
    using deadline = new Deadline(clock, releaseTimeout);
    try {
      const lease = await this.#find(deadline.signal);
      if (lease?.spec?.holderIdentity !== identity) return;
      const spec = releasedSpec(lease.spec, clock.now());
      await client.update(leases, { ...lease, spec }, { signal: deadline.signal });
      this.#log.info('Released the lease');
    } catch (error) {
      this.#log.error('Failed to release the lease, others take it when it expires', error);
    }
  }
}

function newLease(namespace: string, name: string, spec: NonNullable<Lease['spec']>): Lease {
  const metadata = { namespace, name };
  return { apiVersion: apiVersionOf(leases), kind: leases.kind, metadata, spec };
}

/** Ends early when the signal aborts. */
function pause(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(delay, signal).catch(() => {});
}
