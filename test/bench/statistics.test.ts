import test from 'ava';
import { maximum, percentile } from './statistics.ts';

test('a percentile is the nearest rank, in any order', (t) => {
  const values = [40, 10, 30, 20];
  t.is(percentile(values, 0.5), 20);
  t.is(percentile(values, 0.51), 30);
  t.is(percentile(values, 0.99), 40);
  t.is(percentile(values, 0.01), 10);
  t.is(maximum(values), 40);
});

test('there is no percentile of nothing', (t) => {
  t.is(percentile([], 0.5), Number.NaN);
});
