import { JitteredBackoff } from '#runtime/backoff.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import type { HollowNodeOptions } from './options.ts';

/** What the parts of one hollow node share. */
export interface Kubelet {
  readonly options: HollowNodeOptions;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly faults: FaultSchedule;
  /** The node's InternalIP. */
  readonly address: string;
  /** 0 ≤ x < 1: spreads the retries of many nodes. */
  readonly random: () => number;
}

/** Milliseconds a kubelet waits for an answer about its Node or lease. */
export const requestTimeout = 10_000;

/** The pauses of a kubelet's retries: 200 ms growing to 7 s. A status may not wait as long. */
export function newBackoff({ random }: Kubelet, longest = 7000): JitteredBackoff {
  return new JitteredBackoff({ shortest: 200, longest, random });
}
