import type { Clock } from '#runtime/clock.ts';
import type { FaultSchedule } from '#hollow-node/fault-schedule.ts';
import { Wakeup } from '#hollow-node/wakeup.ts';
import type { Answer } from './exchange.ts';

/** Milliseconds between a kubelet's renewals: a quarter of its lease. */
const renewalPeriod = 10_000;

/** A kubelet waits for 10 s; what may take longer must be answered before. */
const patience = 9_000;

/**
 * Lets the renewals of a lease through as late as a slow heartbeat says, or when it is over. One that
 * would have to wait for longer than a kubelet does is answered with what the API server said last.
 */
export class Heartbeats {
  readonly #faults: FaultSchedule;
  readonly #clock: Clock;
  #last: { answer: Answer; at: number } | undefined;

  constructor(faults: FaultSchedule, clock: Clock) {
    this.#faults = faults;
    this.#clock = clock;
  }

  /** The node was cut off, or was down: what comes first then is on time. */
  restart(): void {
    this.#last = undefined;
  }

  async renew(send: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    const answerBefore = this.#clock.monotonic() + patience;
    const wakeup = new Wakeup();
    using _ = this.#faults.wakes(wakeup);
    for (;;) {
      const last = this.#last;
      const { heartbeatDelay, untilChange } = this.#faults.now();
      if (last === undefined || heartbeatDelay === 0) break;
      const now = this.#clock.monotonic();
      const wait = Math.min(last.at + renewalPeriod + heartbeatDelay - now, untilChange);
      if (wait <= 0) break;
      if (now + wait > answerBefore) return { ...last.answer, statusCode: 200 }; // it may have been 201, Created
      await wakeup.wait(this.#clock, wait, signal);
    }
    const at = this.#clock.monotonic();
    const answer = await send();
    if (answer.statusCode < 300) this.#last = { answer, at };
    return answer;
  }
}
