import test from 'ava';
import { choose } from './choose.ts';

const machines = Array.from({ length: 50 }, (_, index) => `m${index}`);
const chosen = (percent: number, seed = 0): string[] =>
  choose(machines, (name) => name, { percent, seed });

test('a share is rounded up, the same for the same seed, and part of any larger one', (t) => {
  t.is(chosen(20).length, 10);
  t.is(chosen(1).length, 1);
  t.is(chosen(0).length, 0);
  t.is(chosen(100).length, 50);
  t.deepEqual(chosen(20), chosen(20));
  t.notDeepEqual(chosen(20), chosen(20, 1));
  t.deepEqual(chosen(40).slice(0, 10), chosen(20));
});

test('no machines, no share', (t) => {
  const share = choose([], String, { percent: 50, seed: 0 });
  t.deepEqual(share, []);
});
