/** Faults on demand: an annotation on a Machine or a Node, `NotReady for 30s`. */
import { quote } from '../quote.ts';
import { ConfigurationError } from '../configuration-error.ts';

/**
 * On a Machine: what its node is to suffer from now on. On a Node: the same, for who makes it fail; the
 * manager copies it there and says since when.
 */
export const faultAnnotation = 'kubemark.cluster.x-k8s.io/fault';

export interface Injection {
  /** As people type it (`text.ts`). */
  readonly text: string;
  /** Milliseconds since 1970 from which its times are counted; absent: from when it is first seen. */
  readonly since?: number;
}

/** `Date.parse` takes much more for a time, "1" too. */
const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

const pattern = /^since (?<time>\S+): (?<text>.*)$/s;

/** @throws ConfigurationError when the time is none */
export function parseInjection(value: string): Injection {
  const { time, text } = pattern.exec(value)?.groups ?? {};
  if (time === undefined || text === undefined) return { text: value };
  const since = rfc3339.test(time) ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(since)) {
    throw new ConfigurationError(
      `${quote(time)} is not a time (want RFC 3339, e.g. "2030-01-01T00:00:00Z")`,
    );
  }
  return { text, since };
}

/** `since 2030-01-01T00:00:00.000Z: NotReady for 30s` */
export function formatInjection(text: string, since: number): string {
  return `since ${new Date(since).toISOString()}: ${text}`;
}
