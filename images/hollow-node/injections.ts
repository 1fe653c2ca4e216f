import type { Node } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { faultAnnotation, parseInjection } from '#api/faults/injection.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import { isNewer } from './resource-version.ts';

/**
 * Adds the faults that the Node's annotation asks for to those that were configured. Times that are
 * counted from when they are seen go on over the crash of a node: it asks this again, not another one.
 */
export class Injections {
  readonly #name: string;
  readonly #faults: FaultSchedule;
  readonly #clock: Clock;
  readonly #log: Logger;
  #node: Node | undefined;
  #value: string | undefined;
  #taken: Promise<void> = Promise.resolve();

  constructor(name: string, options: { faults: FaultSchedule; clock: Clock; log: Logger }) {
    this.#name = name;
    this.#faults = options.faults;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** As last seen; absent: the node has not joined yet. */
  get node(): Node | undefined {
    return this.#node;
  }

  /**
   * Tells how the Node is stored now; one watch may be behind another. Resolves, and never rejects, when
   * that has been taken over.
   */
  observe(node: Node): Promise<void> {
    if (isNewer(node, this.#node)) this.#taken = this.#take(node);
    return this.#taken;
  }

  async #take(node: Node): Promise<void> {
    const isFirst = this.#node === undefined;
    this.#node = node;
    const value = node.metadata.annotations?.[faultAnnotation];
    if (value === this.#value) return;
    this.#value = value;
    if (value === undefined) this.#inject([]);
    else await this.#read(value, this.#clock.now(), isFirst);
  }

  /**
   * A mistake is logged.
   *
   * @param isOlder than this process, which may be what came of it
   */
  async #read(value: string, seenAt: number, isOlder: boolean): Promise<void> {
    // Only here: checking what people write takes memory that most nodes need not pay for.
    const { readFaults } = await import('#api/faults/read.ts');
    if (value !== this.#value) return;
    try {
      const { text, since: asked } = parseInjection(value);
      const since = asked ?? seenAt;
      const shift = since - this.#clock.now() + this.#clock.monotonic() - this.#faults.origin;
      const faults = readFaults(text, this.#name, faultAnnotation);
      // A crash that this process is the result of does not come again.
      const mayCome = ({ after }: Fault): boolean => (asked === undefined ? !isOlder : after >= 0);
      const later = faults.map((fault) => ({ ...fault, after: fault.after + shift }));
      this.#inject(later.filter((fault) => !isCrashForGood(fault) || mayCome(fault)));
    } catch (error) {
      this.#log.error('Failed to read the fault in the annotation', error, { value });
      this.#inject([]);
    }
  }

  #inject(faults: readonly Fault[]): void {
    this.#log.info('Taking over the faults of the annotation', {
      faults: faults.map(({ type }) => type),
    });
    this.#faults.inject(faults);
  }
}

function isCrashForGood({ type, duration }: Fault): boolean {
  return type === 'Crash' && duration === undefined;
}
