import { createHash } from 'node:crypto';

export interface StartupDelay {
  /** Milliseconds. */
  duration: number;
  jitterPercent: number;
  /** The same jitter for the same seed, whoever asks and however often. */
  seed: string;
}

/** Milliseconds still to wait; 0: none. `created` and `now` are milliseconds since the epoch. */
export function startupRest(delay: StartupDelay, created: number, now: number): number {
  const { duration, jitterPercent, seed } = delay;
  if (duration === 0) return 0;
  const share = createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32;
  return Math.max(0, created + duration * (1 + (share * jitterPercent) / 100) - now);
}
