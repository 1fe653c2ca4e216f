import { atMost, figure, type Figure } from '../figures.ts';
import type { Run } from '../run.ts';
import { byVerb, difference, total, type RequestCounts } from '../servers/request-counts.ts';
import { maximum, percentile } from '../statistics.ts';
import type { LeaseAges, LeaseWatch } from './lease-ages.ts';

/** Nodes that do nothing, and where their costs can be read. */
export interface Subject {
  /** Of their names. */
  prefix: string;
  count: number;
  /** Budgets: requests per node and minute, seconds. */
  mostRequests?: number;
  mostLeaseAge?: number;
  /** Of all together, so far. */
  cpuSeconds(): Promise<number>;
  requestCounts(): Promise<RequestCounts>;
}

export interface SteadyState {
  subjects: readonly Subject[];
  leases: LeaseWatch;
  /** Milliseconds to measure for. */
  time: number;
}

/** What each subject costs while nothing happens. */
export async function steadyFigures(
  { clock, signal }: Run,
  { subjects, leases, time }: SteadyState,
): Promise<Figure[][]> {
  const read = async (subject: Subject): Promise<Reading> => {
    const requests = await subject.requestCounts();
    return { time: clock.monotonic(), cpuSeconds: await subject.cpuSeconds(), requests };
  };
  for (const { prefix } of subjects) leases.take(prefix); // the start is no steady state
  const before = await Promise.all(subjects.map(read));
  await clock.sleep(time, signal);
  const after = await Promise.all(subjects.map(read));
  return subjects.map((subject, index) => {
    const first = before[index];
    const last = after[index];
    if (first === undefined || last === undefined) return [];
    return figuresOf(subject, leases.take(subject.prefix), {
      minutes: (last.time - first.time) / 60_000,
      cpuSeconds: last.cpuSeconds - first.cpuSeconds,
      requests: difference(last.requests, first.requests),
    });
  });
}

interface Reading {
  /** Monotonic. */
  time: number;
  cpuSeconds: number;
  requests: RequestCounts;
}

interface Spent {
  minutes: number;
  cpuSeconds: number;
  requests: RequestCounts;
}

function figuresOf(
  { count, mostRequests, mostLeaseAge }: Subject,
  { samples, atRenewal }: LeaseAges,
  { minutes, cpuSeconds, requests }: Spent,
): Figure[] {
  const perNodeAndMinute = (number: number): number => number / count / minutes;
  return [
    figure('lease age, p50', percentile(samples, 0.5), 's'),
    figure('lease age, p99', percentile(samples, 0.99), 's'),
    figure(
      'lease age, max',
      maximum([...samples, ...atRenewal]),
      's',
      mostLeaseAge === undefined ? undefined : atMost(mostLeaseAge),
    ),
    figure(
      'requests per node and minute',
      perNodeAndMinute(total(requests)),
      '',
      mostRequests === undefined ? undefined : atMost(mostRequests),
    ),
    ...[...byVerb(requests)].map(([verb, number]) =>
      figure(`${verb} per node and minute`, perNodeAndMinute(number), ''),
    ),
    figure('CPU, each', (cpuSeconds * 1000) / count / minutes, 'ms per minute'),
  ];
}
