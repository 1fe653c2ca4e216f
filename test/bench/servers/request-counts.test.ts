import test from 'ava';
import { byVerb, countsIn, difference, total, totalWrites } from './request-counts.ts';

const metrics = `# TYPE requests counter
requests{verb="PATCH",resource="machines",text="a \\"quoted\\", word"} 3
requests{verb="PATCH",resource="machines",code="409"} 1
requests{verb="GET",resource="nodes"} 7
requests_total{verb="GET",resource="nodes"} 100
`;

test('series of one counter are added up under a name', (t) => {
  const counts = countsIn(metrics, 'requests', ({ verb, resource }) => `${verb} ${resource}`);
  t.deepEqual(
    [...counts],
    [
      ['PATCH machines', 4],
      ['GET nodes', 7],
    ],
  );
});

test('a difference leaves out what did not change', (t) => {
  const before = new Map([
    ['GET nodes', 7],
    ['PATCH machines', 1],
  ]);
  const after = new Map([...before, ['PATCH machines', 4], ['POST pods', 2]] as const);
  t.deepEqual(
    [...difference(after, before)],
    [
      ['PATCH machines', 3],
      ['POST pods', 2],
    ],
  );
});

test('reads are no writes', (t) => {
  const counts = new Map([
    ['GET nodes', 7],
    ['WATCH pods', 1],
    ['PATCH machines/status', 3],
    ['POST pods', 2],
    ['PATCH machines', 1],
  ]);
  t.is(total(counts), 14);
  t.is(totalWrites(counts), 6);
  t.deepEqual(
    [...byVerb(counts)],
    [
      ['GET', 7],
      ['PATCH', 4],
      ['POST', 2],
      ['WATCH', 1],
    ],
  );
});
