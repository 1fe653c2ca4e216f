import { realClock } from '../clock.ts';

/** Waits in real time until `condition` holds; the test's own time-out ends a vain wait. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await realClock.sleep(2);
}
