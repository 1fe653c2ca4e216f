import type { Node, NodeCondition } from '#api/core.ts';
import { nodes } from '#api/core.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import { timestamp } from '#api/timestamp.ts';
import { JitteredBackoff } from '#runtime/backoff.ts';
import type { Client } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from '#hollow-node/fault-schedule.ts';
import { isNewer } from '#hollow-node/resource-version.ts';
import { Wakeup } from '#hollow-node/wakeup.ts';
import { outstanding, rewritten, saidIn } from './status-patch.ts';
import { Serial } from './serial.ts';

export interface StatusKeeperOptions {
  name: string;
  /** Suffers as the kubelet's requests do. */
  client: Client;
  clock: Clock;
  log: Logger;
  faults: FaultSchedule;
  random: () => number;
}

/** Milliseconds for an answer, and of the longest pause between attempts. */
const requestTimeout = 10_000;
const longestBackoff = 2_000;

/**
 * Keeps the conditions of a Node equal to what faults decide, and gives them back to the kubelet when
 * the faults are over: with what it said last, which may be that it is not well. A Node that was given
 * up while heartbeats are late stays so until the kubelet's next sync: else nobody would see it.
 *
 * One write of the Node's status at a time, the kubelet's among them, each decided when its turn comes:
 * otherwise a patch under way at a change would undo it.
 */
export class StatusKeeper {
  readonly #options: StatusKeeperOptions;
  readonly #backoff: JitteredBackoff;
  readonly #wakeup = new Wakeup();
  readonly #writes = new Serial();
  /** As last seen; absent: there is no Node, or it is not known. */
  #stored: Node | undefined;
  /** What the kubelet said last, by type. */
  readonly #said = new Map<string, ConditionValue>();
  /** Types that faults have decided, and that are not given back yet. */
  readonly #taken = new Set<string>();
  /** What was decided when it was last written. */
  #written: readonly ConditionValue[] | undefined;
  /** The node was cut off, and what became of its conditions meanwhile is to be put right. */
  #mustRestore = false;
  /** Aborts when the node is cut off. */
  #connection = new AbortController();

  constructor(options: StatusKeeperOptions) {
    this.#options = options;
    this.#backoff = new JitteredBackoff({
      shortest: 200,
      longest: longestBackoff,
      random: options.random,
    });
  }

  /** Tells how the Node is stored now; `undefined`: it is gone. */
  observe(node: Node | undefined): void {
    if (node !== undefined && !isNewer(node, this.#stored)) return;
    this.#stored = node;
    this.#wakeup.call();
  }

  /** The kubelet reports all conditions: it has registered. */
  registered(conditions: readonly NodeCondition[]): void {
    for (const { type, status, reason = '', message = '' } of conditions) {
      this.#said.set(type, { type, status, reason, message });
    }
  }

  /** The node is cut off: a write that waits because requests are slow is not sent any more. */
  disconnected(): void {
    this.#connection.abort();
  }

  /** The node was cut off and is not any more. */
  reconnected(): void {
    this.#mustRestore = true;
    this.#connect();
  }

  /** The same, and another kubelet speaks from now on. */
  restarted(): void {
    this.#said.clear();
    this.#connect();
  }

  /**
   * Passes on a status patch of the kubelet.
   *
   * @param send is given the patch as it is to be, and gives the Node as it is then
   */
  pass(patch: unknown, send: (patch: unknown) => Promise<Node | undefined>): Promise<void> {
    return this.#writes.run(async () => {
      const stored = this.#stored?.status?.conditions ?? [];
      for (const said of saidIn(patch, stored)) this.#said.set(said.type, said);
      const decided = this.#decided();
      const { clock, faults } = this.#options;
      const now = timestamp(clock.now());
      const isSlow = faults.now().heartbeatDelay > 0;
      const sent = rewritten(patch, { decided, stored, now, isSlow });
      this.observe((await send(sent)) ?? this.#stored);
    });
  }

  /** Ends when `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, faults, log } = this.#options;
    using _ = faults.wakes(this.#wakeup);
    while (!signal.aborted) {
      const { untilChange } = faults.now(); // asked before the write: a change during it ends the wait
      try {
        await this.#writes.run(() => this.#write(signal));
        this.#backoff.reset();
        await this.#wakeup.wait(clock, untilChange, signal);
      } catch (error) {
        if (signal.aborted) return;
        if (this.#connection.signal.aborted) continue; // which waits until there is a new one
        log.error('Failed to write the conditions of the node', error);
        await clock.sleep(this.#backoff.next(), signal).catch(() => {}); // the loop asks the signal
      }
    }
  }

  /** Writes what is not as it should be now. */
  async #write(signal: AbortSignal): Promise<void> {
    const { name, client, clock, faults, log } = this.#options;
    const stored = this.#stored;
    const connection = this.#connection.signal;
    if (stored === undefined || connection.aborted || faults.now().isCut) return;
    const decided = this.#decided();
    const isNews = this.#mustRestore || !isDeepEqual(decided, this.#written);
    const isSlow = faults.now().heartbeatDelay > 0;
    for (const value of decided) this.#take(value, stored);
    const before = stored.status?.conditions ?? [];
    const isLeft = ({ type }: ConditionValue): boolean =>
      isSlow && !isNews && isGivenUp(type, before);
    const values = [...decided, ...this.#givenBack(decided)].filter((value) => !isLeft(value));
    const conditions = outstanding(values, before, timestamp(clock.now()));
    if (conditions.length > 0) {
      log.info('Reporting conditions', { conditions: conditions.map(brief) });
      const { uid } = stored.metadata;
      const patch = { metadata: { uid }, status: { conditions } };
      const options = {
        subresource: 'status',
        type: 'strategic',
        timeout: requestTimeout,
        signal: AbortSignal.any([signal, connection]),
      } as const;
      const key = { namespace: '', name };
      this.observe(await ifFound(client.patch(nodes, key, patch, options)));
    }
    for (const type of this.#taken) {
      if (!decided.some((one) => one.type === type)) this.#taken.delete(type);
    }
    this.#written = decided;
    this.#mustRestore = false;
  }

  #connect(): void {
    this.#connection = new AbortController();
    this.#wakeup.call();
  }

  /** A proxy that was started anew has heard nothing: what is stored is what the kubelet said last. */
  #take({ type, reason, message }: ConditionValue, { status }: Node): void {
    const isKnown = this.#taken.has(type) || this.#said.has(type);
    this.#taken.add(type);
    const before = status?.conditions?.find((one) => one.type === type);
    if (isKnown || before === undefined || before.status === 'Unknown') return;
    const isOfProxyBefore = before.reason === reason && before.message === message;
    if (!isOfProxyBefore) this.registered([before]);
  }

  /** By faults that are active, and for conditions that only faults name also while they are not. */
  #decided(): ConditionValue[] {
    const { faults } = this.#options;
    const values = [...faults.foreign, ...faults.now().conditions];
    return [...new Map(values.map((value) => [value.type, value])).values()];
  }

  /** The kubelet's, once faults have decided them or the node was cut off. */
  #givenBack(decided: readonly ConditionValue[]): ConditionValue[] {
    const isOurs = ({ type }: ConditionValue): boolean => decided.some((one) => one.type === type);
    const mine = [...this.#said.values()].filter((value) => !isOurs(value));
    return mine.filter(({ type }) => this.#mustRestore || this.#taken.has(type));
  }
}

/** Whether the node lifecycle controller has heard nothing for too long. */
function isGivenUp(type: string, stored: readonly NodeCondition[]): boolean {
  return stored.some((one) => one.type === type && one.reason === 'NodeStatusUnknown');
}

function brief({ type, status, reason }: NodeCondition): string {
  return `${type}=${status} ${reason}`;
}
