import type { Node } from '#api/core.ts';
import { nodes } from '#api/core.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import { timestamp } from '#api/timestamp.ts';
import type { JitteredBackoff } from '#runtime/backoff.ts';
import { isNotFound } from '#runtime/client/errors.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { LogValues } from '#runtime/log.ts';
import { desiredConditions } from './conditions.ts';
import type { Injections } from './injections.ts';
import type { Kubelet } from './kubelet.ts';
import { newBackoff, requestTimeout } from './kubelet.ts';
import { nodeFacts } from './node.ts';
import type { NodeIdentity } from './own-node.ts';
import { NodeGoneError, readNode } from './own-node.ts';
import type { Registration } from './register.ts';
import { isNewer } from './resource-version.ts';
import { isStored, statusPatch } from './status-patch.ts';
import { Wakeup } from './wakeup.ts';

/** A change of state is not worth telling late: retries are paced, but never by more than this. */
const longestBackoff = 2000;

export interface StatusReporterOptions {
  injections: Injections;
  registration?: Registration;
}

/**
 * Keeps the status of the Node equal to what the faults say.
 *
 * Guarantees: writes at each change of the faults at once, otherwise once per report frequency as a
 * heartbeat. One write at a time, each with the state that is right when it is sent; a failed one is
 * followed by a read, because it may have been stored, and repeated until the right state is stored.
 * What somebody else wrote is put right within the update frequency, and no sooner than it while
 * heartbeats are late: else nobody would see what comes of that.
 */
export class StatusReporter {
  readonly #kubelet: Kubelet;
  readonly #identity: NodeIdentity;
  readonly #injections: Injections;
  readonly #backoff: JitteredBackoff;
  readonly #wakeup = new Wakeup();
  /** As last seen; absent: it must be read before it can be written. */
  #stored: Node | undefined;
  /** What this run last wrote; absent: nothing yet. */
  #written: readonly ConditionValue[] | undefined;
  #writtenAt: number;
  /** When it was seen that somebody else wrote what is stored; absent: nobody did. */
  #foreignSince: number | undefined;

  /** @param options.registration absent when the Node was registered by an earlier run */
  constructor(
    kubelet: Kubelet,
    identity: NodeIdentity,
    { injections, registration }: StatusReporterOptions,
  ) {
    this.#kubelet = kubelet;
    this.#identity = identity;
    this.#injections = injections;
    this.#backoff = newBackoff(kubelet, longestBackoff);
    this.#stored = registration?.node;
    this.#written = registration?.written;
    this.#writtenAt = kubelet.clock.monotonic();
  }

  /** Tells how the Node is stored now. */
  observe(node: Node): void {
    if (!isNewer(node, this.#stored)) return;
    this.#stored = node;
    this.#wakeup.call();
  }

  /** Rejects with `NodeGoneError` when the Node was deleted, or when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    using _ = this.#kubelet.faults.wakes(this.#wakeup);
    for (;;) {
      try {
        await this.#step(signal);
      } catch (error) {
        if (signal.aborted || error instanceof NodeGoneError) throw error;
        if (isNotFound(error)) throw new NodeGoneError();
        this.#kubelet.log.error('Failed to write the status of the node', error);
        this.#stored = undefined;
        await this.#kubelet.clock.sleep(this.#backoff.next(), signal);
      }
    }
  }

  /** One request, or one wait. What to do is decided anew afterwards, because time has passed. */
  async #step(signal: AbortSignal): Promise<void> {
    const { clock, faults } = this.#kubelet;
    if (this.#stored === undefined) {
      const node = await readNode(this.#kubelet, this.#identity, signal);
      await this.#injections.observe(node); // what was asked for meanwhile counts from the first word on
      this.#stored = node;
      return;
    }
    const { untilChange, heartbeatDelay } = faults.now();
    const desired = desiredConditions(faults);
    const delay = this.#dueAt(desired, this.#stored, heartbeatDelay > 0) - clock.monotonic();
    if (delay <= 0) await this.#write(desired, this.#stored, signal);
    else await this.#wakeup.wait(clock, Math.min(delay, untilChange), signal);
  }

  #dueAt(desired: readonly ConditionValue[], stored: Node, isSlow: boolean): number {
    const { statusUpdateFrequency, statusReportFrequency } = this.#kubelet.options;
    if (!isDeepEqual(desired, this.#written)) return Number.NEGATIVE_INFINITY;
    if (isStored(desired, stored)) {
      this.#foreignSince = undefined;
      return this.#writtenAt + statusReportFrequency;
    }
    this.#foreignSince ??= this.#kubelet.clock.monotonic();
    return (isSlow ? this.#foreignSince : this.#writtenAt) + statusUpdateFrequency;
  }

  async #write(values: ConditionValue[], stored: Node, signal: AbortSignal): Promise<void> {
    const { client, clock, log, options, address } = this.#kubelet;
    const isFirst = this.#written === undefined;
    const patch = statusPatch({
      stored,
      values,
      ...(isFirst && { facts: nodeFacts(options, address) }),
      now: timestamp(clock.now()),
    });
    if (!isDeepEqual(values, this.#written)) log.info('Reporting the node', summary(values));
    const writtenAt = clock.monotonic();
    const answer = await client.patch(nodes, { namespace: '', name: options.name }, patch, {
      subresource: 'status',
      type: 'strategic',
      timeout: requestTimeout,
      signal,
    });
    if (isNewer(answer, this.#stored)) this.#stored = answer;
    this.#written = values;
    this.#writtenAt = writtenAt;
    this.#backoff.reset();
  }
}

function summary(values: readonly ConditionValue[]): LogValues {
  const { status, reason, message } = values.at(-1) ?? {};
  return { ready: status, reason, message };
}
