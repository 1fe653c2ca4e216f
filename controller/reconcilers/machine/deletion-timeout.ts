import type { ObjectMeta } from '#api/meta.ts';
import { deletionTimeoutAnnotation } from '#api/machine/v1beta1/labels.ts';

/** `deletionTimestamp` has whole seconds; a later look than this means that nobody was looking. */
const promptness = 1200;
/** The middle of the second that `deletionTimestamp` stands for: wrong by half a second at most. */
const halfSecond = 500;
/** What the clocks of API server and managers may differ by. */
const clockSkew = 60_000;

/**
 * When the wait for the deletion timeout began, in Unix seconds with milliseconds as fraction: the
 * original wrote whole ones, which are read too but would make the wait inexact by a second.
 *
 * Without a usable annotation it begins now, or, if that was noticed late, with what it waits for: the
 * deletion, or the end of a drain or hook after it. One from before the deletion, or from the future,
 * came with the manifest.
 *
 * @param due RFC 3339, whole seconds
 */
export function deletionStart(
  metadata: ObjectMeta,
  now: number,
  due = metadata.deletionTimestamp,
): string {
  const written = metadata.annotations?.[deletionTimeoutAnnotation];
  const deleted = Date.parse(metadata.deletionTimestamp ?? '');
  if (written !== undefined && /^\d+(\.\d+)?$/.test(written)) {
    const isEarly = Number(written) * 1000 < deleted - clockSkew;
    if (!isEarly && Number(written) * 1000 <= now) return written;
  }
  const lateness = now - Date.parse(due ?? '');
  const start = lateness >= promptness ? now - lateness + halfSecond : now;
  return (start / 1000).toFixed(3);
}

/** Milliseconds of `timeout` that are left; 0 or less: waited out. */
export function remainingWait(start: string, timeout: number, now: number): number {
  return Math.ceil(Number(start) * 1000 + timeout - now);
}
