import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Case, Seen } from './cases.ts';
import type { Injector } from './injectors.ts';

export interface Row {
  injector: Injector;
  case: Case;
  seen: Seen;
}

const file = join(import.meta.dirname, '..', '..', '..', 'docs', 'faults.md');

/** Writes docs/faults.md. Its figures are other ones each time, so only when asked: UPDATE_GOLDEN=1. */
export async function writeReport(rows: readonly Row[]): Promise<void> {
  if (process.env['UPDATE_GOLDEN']) await writeFile(file, report(rows));
}

function report(rows: readonly Row[]): string {
  const byInjector = Map.groupBy(rows, ({ injector }) => injector.title);
  const lines = [
    '# Faults, intended and observed',
    '',
    'Written by `test/real/faults.test.ts` (`UPDATE_GOLDEN=1`): a real kube-apiserver, kube-controller-manager and kube-scheduler 1.20.2',
    '(grace period 20 s, looked at each second), our hollow node, and the fault proxy before the real kubemark 1.20.2. Times are seconds from',
    'the start of the node, as a watch shows them; errors are milliseconds. A hundred nodes through one proxy, and ten quiet minutes:',
    '[fault proxy](../images/fault-proxy/README.md#many-kubelets).',
    '',
    '| Injector | Changes | Error p50 | Error p99 | Largest |',
    '| --- | --- | --- | --- | --- |',
    ...[...byInjector].map(([title, own]) => {
      const errors = own.flatMap(({ seen }) =>
        seen.intended.includes(' within ') ? [] : (seen.errors ?? []),
      );
      const figures = [0.5, 0.99, 1].map((share) => `${percentile(errors, share).toFixed(0)} ms`);
      return `| ${[title, errors.length, ...figures].join(' | ')} |`;
    }),
    '',
    '| Fault | Intended | Injector | Observed |',
    '| --- | --- | --- | --- |',
    ...rows
      .toSorted(
        (one, other) =>
          one.case.role.localeCompare(other.case.role) ||
          one.seen.intended.localeCompare(other.seen.intended),
      )
      .map(({ injector, seen, case: { faults } }) => {
        const cells = [`\`${faults}\``, seen.intended, injector.title, seen.observed];
        return `| ${cells.join(' | ')} |`;
      }),
    '',
  ];
  return lines.join('\n');
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
