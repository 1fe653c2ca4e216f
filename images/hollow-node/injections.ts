import type { Node } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { faultAnnotation, parseInjection } from '#api/faults/injection.ts';
import { compareVersions } from '#runtime/cache/resource-version.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Logger } from '#runtime/log.ts';
import type { FaultSchedule } from './fault-schedule.ts';
import type { NodeIdentity } from './own-node.ts';

/**
 * Adds the faults that the Node's annotation asks for to those that were configured. Remembers them over
 * crashes of the node: a fault that was there before is not begun again.
 */
export class Injections {
  readonly #name: string;
  readonly #faults: FaultSchedule;
  readonly #clock: Clock;
  readonly #log: Logger;
  #node: Node['metadata'] | undefined;
  #value: string | undefined;
  #isFirst = true;

  constructor(name: string, options: { faults: FaultSchedule; clock: Clock; log: Logger }) {
    this.#name = name;
    this.#faults = options.faults;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** The Node that was seen last. */
  get node(): NodeIdentity | undefined {
    return this.#node && { name: this.#name, uid: this.#node.uid ?? '' };
  }

  /**
   * Tells how the Node is stored now; of two watches one may be behind. Resolves, and never rejects, when that
   * has been taken over.
   */
  observe({ metadata }: Node): Promise<void> {
    const isOld = compareVersions(metadata.resourceVersion, this.#node?.resourceVersion) < 0;
    if (isOld) return Promise.resolve();
    this.#node = metadata;
    const value = metadata.annotations?.[faultAnnotation];
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (value === this.#value) return Promise.resolve();
    this.#value = value;
    if (value !== undefined) return this.#read(value, this.#clock.now(), isFirst);
    this.#inject([]);
    return Promise.resolve();
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
