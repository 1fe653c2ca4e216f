/** What an annotation on a Machine asks for, and where it stands: pure. */
import { ConfigurationError } from '#api/configuration-error.ts';
import { formatInjection, parseInjection } from '#api/faults/injection.ts';
import { readFaults } from '#api/faults/read.ts';
import { endOf } from '#api/faults/schedule.ts';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';

/** What is to become of a fault that somebody asked for. `ended`: which one has come to its end, for an event. */
export type Decision =
  /** There is none. */
  | { type: 'none' }
  /** It cannot be understood; it is told once. */
  | { type: 'invalid'; record: InjectedFault; isNew: boolean; ended?: string }
  /** The Node is to have `value` as its annotation until then, in milliseconds since 1970. */
  | {
      type: 'active';
      record: InjectedFault;
      value: string;
      until: number;
      isNew: boolean;
      ended?: string;
    }
  /** It has run its course. */
  | { type: 'over'; ended: string }
  /** Whoever asked for it does not any more. */
  | { type: 'takenBack'; ended?: string };

export interface Asked {
  /** The Machine's annotation. */
  value: string | undefined;
  /** What the status says of the last one. */
  record: InjectedFault | undefined;
  nodeName: string;
  /** Whether who runs the node can make it fail: a hollow node, or a fault proxy. */
  isFallible: boolean;
  /** Milliseconds since 1970. */
  now: number;
}

export function decide({ value, record, nodeName, isFallible, now }: Asked): Decision {
  if (value === undefined) {
    return record === undefined
      ? { type: 'none' }
      : { type: 'takenBack', ...ended(record, 'Taken back', now) };
  }
  const known = record?.asked === value ? Date.parse(record.since ?? '') : Number.NaN;
  const isNew = Number.isNaN(known); // also what was a mistake when it was asked, and is none any more
  const replaced = record?.asked === value ? {} : ended(record, 'Replaced', now);
  try {
    const { text, since: asked = now } = parseInjection(value);
    const faults = readFaults(text, nodeName, 'fault');
    if (faults.length === 0) {
      throw new ConfigurationError('fault: nothing found (want e.g. "NotReady for 30s")');
    }
    const since = isNew ? asked : known;
    const until = since + endOf(faults);
    if (!isFallible) {
      throw new ConfigurationError(
        'fault: no kubemark knows it (want a machine with faultInjector "Proxy", or runtime "HollowNode")',
      );
    }
    const next = {
      asked: value,
      since: new Date(since).toISOString(),
      ...(Number.isFinite(until) && { until: new Date(until).toISOString() }),
    };
    if (until <= now) return { type: 'over', ended: `Over: ${describe(next)}` };
    const told = formatInjection(text, since);
    return { type: 'active', record: next, value: told, until, isNew, ...replaced };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const isTold = record?.asked === value && record.error === error.message;
    const told = { asked: value, error: error.message };
    return { type: 'invalid', record: told, isNew: !isTold, ...replaced };
  }
}

/** Nothing ends that was a mistake. What ended before its time says when. */
function ended(record: InjectedFault | undefined, how: string, now: number): { ended?: string } {
  if (record?.since === undefined) return {};
  if (Date.parse(record.until ?? '') <= now) return { ended: `Over: ${describe(record)}` };
  if (Date.parse(record.since) > now)
    return { ended: `${how} before it began: ${describe(record)}` };
  return { ended: `${how}: ${describe({ ...record, until: new Date(now).toISOString() })}` };
}

/** What an event shows of a text, so that it has room for the times. */
const longestText = 900;

/** `NotReady for 30s, from 2030-01-01T00:00:00.000Z until 2030-01-01T00:00:30.000Z` */
export function describe({ asked, since, until }: InjectedFault): string {
  const text = asked.length <= longestText ? asked : `${asked.slice(0, longestText)}…`;
  return `${text}, from ${since} ${until === undefined ? 'until it is taken back' : `until ${until}`}`;
}
