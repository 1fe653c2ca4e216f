import type { Node } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { faultAnnotation, parseInjection } from '#api/faults/injection.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from './fault-schedule.ts';

/** Adds the faults that the Node's annotation asks for to those that were configured. */
export class Injections {
  readonly #name: string;
  readonly #faults: FaultSchedule;
  readonly #clock: Clock;
  readonly #log: Logger;
  #value: string | undefined;

  constructor(name: string, options: { faults: FaultSchedule; clock: Clock; log: Logger }) {
    this.#name = name;
    this.#faults = options.faults;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Tells how the Node is stored now. */
  observe({ metadata }: Node): void {
    const value = metadata.annotations?.[faultAnnotation];
    if (value === this.#value) return;
    this.#value = value;
    if (value === undefined) this.#inject([]);
    else void this.#read(value, this.#clock.now()); // a mistake is logged
  }

  async #read(value: string, seenAt: number): Promise<void> {
    // Only here: checking what people write takes memory that most nodes need not pay for.
    const { readFaults } = await import('#api/faults/read.ts');
    if (value !== this.#value) return;
    try {
      const { text, since = seenAt } = parseInjection(value);
      const shift = since - this.#clock.now() + this.#clock.monotonic() - this.#faults.origin;
      const faults = readFaults(text, this.#name, faultAnnotation);
      this.#inject(faults.map((fault) => ({ ...fault, after: fault.after + shift })));
    } catch (error) {
      this.#log.error('Failed to read the fault in the annotation', error, { value });
      this.#inject([]);
    }
  }

  #inject(faults: readonly Fault[]): void {
    // A crash that this process is the result of.
    const rest = faults.filter(
      ({ type, duration, after }) => type !== 'Crash' || duration !== undefined || after >= 0,
    );
    this.#log.info('Taking over the faults of the annotation', {
      faults: rest.map(({ type }) => type),
    });
    this.#faults.inject(rest);
  }
}
