import type { Clock } from '#runtime/clock.ts';

/** What all parts of one run of the benchmarks share. */
export interface Run {
  readonly clock: Clock;
  /** Aborts when the run cannot go on: a signal, or a program that ended by itself. */
  readonly signal: AbortSignal;
  /** Ends the run with this error. */
  readonly fail: (error: Error) => void;
  /** A folder for this run only. */
  readonly folder: string;
  /** Where the control plane's programs are. */
  readonly binaries: string;
  /** Progress. */
  readonly say: (line: string) => void;
}

/**
 * Resolves when `isTrue`, which is asked every so often.
 *
 * @throws the signal's reason; Error after `patience` milliseconds
 */
export async function until(
  { clock, signal }: Run,
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  { pause = 20, patience = 300_000 }: { pause?: number; patience?: number } = {},
): Promise<void> {
  const deadline = clock.monotonic() + patience;
  while (!(await isTrue())) {
    if (clock.monotonic() > deadline) throw new Error(`not within ${patience / 1000} s: ${what}`);
    await clock.sleep(pause, signal);
  }
}

/** Does something for each item, `width` at a time. */
export async function forEachOf<Item>(
  { signal }: Run,
  items: readonly Item[],
  width: number,
  action: (item: Item) => Promise<unknown>,
): Promise<void> {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) {
      signal.throwIfAborted();
      await action(item);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
}
