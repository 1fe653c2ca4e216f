/** Requests by what was asked, e.g. `PATCH nodes/status`. */
export type RequestCounts = ReadonlyMap<string, number>;

const writes = ['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION'];

/**
 * Adds up the series of a counter in the text format of Prometheus.
 *
 * @param nameOf what a series is counted under, from its labels
 */
export function countsIn(
  text: string,
  counter: string,
  nameOf: (labels: Readonly<Record<string, string>>) => string,
): RequestCounts {
  const counts = new Map<string, number>();
  for (const line of text.split('\n')) {
    const found = /^(?<name>\w+)\{(?<labels>.*)\} (?<value>[^ ]+)$/.exec(line)?.groups;
    if (found?.['name'] !== counter) continue;
    const pairs = (found['labels'] ?? '').matchAll(/(?<key>\w+)="(?<value>(?:[^"\\]|\\.)*)"/g);
    const labels = Object.fromEntries(
      [...pairs].map(({ groups }) => [groups?.['key'] ?? '', groups?.['value'] ?? '']),
    );
    const key = nameOf(labels);
    counts.set(key, (counts.get(key) ?? 0) + Number(found['value']));
  }
  return counts;
}

/** What came in between. */
export function difference(after: RequestCounts, before: RequestCounts): RequestCounts {
  const changes = [...after].map(([key, count]) => [key, count - (before.get(key) ?? 0)] as const);
  return new Map(changes.filter(([, count]) => count > 0));
}

export function total(counts: RequestCounts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

export function totalWrites(counts: RequestCounts): number {
  return total(new Map([...counts].filter(([key]) => writes.includes(verbOf(key)))));
}

/** The verbs alone, in alphabetic order. */
export function byVerb(counts: RequestCounts): RequestCounts {
  const sums = new Map<string, number>();
  for (const [key, count] of counts) {
    sums.set(verbOf(key), (sums.get(verbOf(key)) ?? 0) + count);
  }
  return new Map([...sums].toSorted(([one], [other]) => one.localeCompare(other)));
}

function verbOf(key: string): string {
  return key.split(' ', 1)[0] ?? '';
}
