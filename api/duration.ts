/** Durations as Go's `time` package writes them; here a number of milliseconds. */
import { quote } from './quote.ts';

const millisecondsPerUnit: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3, // U+00B5, the micro sign
  μs: 1e-3, // U+03BC, the Greek letter
  ns: 1e-6,
};

/** No two parts can match the same text, so garbage of any length is refused in linear time. */
const wholeDuration = /^\+?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+)$/;
const oneTerm = /(?<number>[\d.]+)(?<unit>[a-zµμ]+)/g;

/** Go counts nanoseconds in 64 bits: about 292 years. */
const longest = 2 ** 63 / 1e6;

/**
 * Milliseconds, with a fraction below one. Accepts what Go's `time.ParseDuration` accepts, except
 * negative durations: none of our fields can use one.
 *
 * @throws Error naming what was found and what is expected.
 */
export function parseDuration(text: string): number {
  const milliseconds = wholeDuration.test(text) ? sumTerms(text) : Number.NaN;
  if (milliseconds < longest) return milliseconds;
  throw new Error(`${quote(text)} is not a duration (want e.g. "5s", "1m30s")`);
}

function sumTerms(text: string): number {
  let total = 0;
  for (const { groups } of text.matchAll(oneTerm)) {
    total += Number(groups?.['number']) * (millisecondsPerUnit[groups?.['unit'] ?? ''] ?? 0);
  }
  return Math.round(total * 1e6) / 1e6; // whole nanoseconds, as Go: no 1000.9999999999999 for 1.001s
}

/** Go's form of a duration in milliseconds: `1m30s`, `1h0m0s`, `1.5s`, `300ms`, `0s`. */
export function formatDuration(milliseconds: number): string {
  const nanoseconds = Math.round(Math.abs(milliseconds) * 1e6);
  const sign = milliseconds < 0 && nanoseconds > 0 ? '-' : '';
  if (nanoseconds === 0) return '0s';
  if (nanoseconds < 1e3) return `${sign}${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${sign}${nanoseconds / 1e3}µs`;
  if (nanoseconds < 1e9) return `${sign}${nanoseconds / 1e6}ms`;
  return sign + formatSeconds(nanoseconds);
}

function formatSeconds(nanoseconds: number): string {
  const hours = Math.floor(nanoseconds / 3.6e12);
  const minutes = Math.floor((nanoseconds % 3.6e12) / 6e10);
  const seconds = `${(nanoseconds % 6e10) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}
