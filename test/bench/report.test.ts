import test from 'ava';
import type { Environment } from './environment.ts';
import { atLeast, atMost, figure, isWithinBudget } from './figures.ts';
import { jsonLines, table, testPoints } from './report.ts';

const environment: Environment = {
  date: '2026-01-01T00:00:00Z',
  cores: 2,
  processor: 'any',
  load: 0.5,
  node: 'v24.0.0',
  kubernetes: 'v1.20.2',
};

const result = {
  benchmark: 'machines',
  parameters: { count: 500 },
  sides: [
    {
      name: 'one',
      figures: [
        figure('rate', 60, '/s', atLeast(100)),
        figure('cost', 5, 'writes', atMost(6)),
        figure('memory', 134.56, 'MB'),
      ],
    },
    { name: 'other', figures: [figure('rate', 7.2468, '/s')] },
  ],
};

test('a side is a line of JSON with the circumstances and the budgets', (t) => {
  const lines = jsonLines(result, environment)
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  t.is(lines.length, 2);
  t.like(lines[0], {
    benchmark: 'machines',
    side: 'one',
    cores: 2,
    parameters: { count: 500 },
    figures: [
      { name: 'rate', value: 60, unit: '/s', budget: '≥ 100 /s', isMet: false },
      { name: 'cost', value: 5, budget: '≤ 6 writes', isMet: true },
      { name: 'memory', value: 135, unit: 'MB' },
    ],
  });
});

test('a table has a row per figure and says which budgets are missed', (t) => {
  const rows = table(result, environment).split('\n');
  t.regex(rows[1] ?? '', /^2 cores, load 0\.5 before/);
  t.regex(rows[3] ?? '', /^rate +60 \/s +7\.25 \/s +≥ 100 \/s +MISSED$/);
  t.regex(rows[4] ?? '', /^cost +5 writes +– +≤ 6 writes +kept$/);
  t.regex(rows[5] ?? '', /^memory +135 MB +–$/);
});

function points(factor: number): string[] {
  return testPoints([result], factor).split('\n');
}

test('a budget is a test point that forgives a factor and no more', (t) => {
  t.regex(points(1)[0] ?? '', /^not ok 1 - machines, one: rate 60 \/s \(budget ≥ 100 \/s\)$/);
  t.regex(points(2)[0] ?? '', /^ok 1 /);
  t.is(points(2)[2], '1..2');
  t.false(isWithinBudget(figure('cost', 13, '', atMost(6)), 2));
});
