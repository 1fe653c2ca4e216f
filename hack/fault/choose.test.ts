import test from 'ava';
import { newMachine } from '#test/helpers/story.ts';
import { choose } from './choose.ts';

const machines = Array.from({ length: 50 }, (_, index) => newMachine(`m${index}`));
const names = (percent: number, seed = 0): string[] =>
  choose(machines, percent, seed).map(({ metadata }) => metadata.name ?? '');

test('a share is rounded up, the same for the same seed, and part of any larger one', (t) => {
  t.is(names(20).length, 10);
  t.is(names(1).length, 1);
  t.is(names(0).length, 0);
  t.is(names(100).length, 50);
  t.deepEqual(names(20), names(20));
  t.notDeepEqual(names(20), names(20, 1));
  t.deepEqual(names(40).slice(0, 10), names(20));
});

test('no machines, no share', (t) => {
  t.deepEqual(choose([], 50, 0), []);
});
