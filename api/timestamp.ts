/** Times as Kubernetes writes them, from milliseconds since the epoch. */
import { DateTime } from 'luxon';

/** `metav1.Time`: RFC 3339, UTC, whole seconds. */
export function timestamp(milliseconds: number): string {
  return utc(milliseconds).toFormat("yyyy-MM-dd'T'HH:mm:ss'Z'");
}

/** `metav1.MicroTime`: six digits of the second. */
export function microTimestamp(milliseconds: number): string {
  return utc(milliseconds).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS'000Z'");
}

function utc(milliseconds: number): DateTime {
  return DateTime.fromMillis(milliseconds, { zone: 'utc' });
}
