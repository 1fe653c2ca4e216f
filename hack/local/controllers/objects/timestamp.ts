import type { Clock } from '#runtime/clock.ts';

/** Now, as Kubernetes writes `metav1.Time`: RFC 3339, whole seconds. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString().replace(/\.\d+Z$/, 'Z');
}
