import { realClock } from '#runtime/clock.ts';

/** Milliseconds until something must have come true: the longest schedule and a slow machine. */
const patience = 150_000;

/** Waits until `ask` has an answer other than undefined and false. */
export async function comesTrue<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
): Promise<T> {
  const deadline = realClock.monotonic() + patience;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (realClock.monotonic() > deadline) throw new Error(`never came true: ${what}`);
    await realClock.sleep(250);
  }
}
