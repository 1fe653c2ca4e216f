import test from 'ava';
import { microTimestamp, timestamp } from './timestamp.ts';

const time = Date.UTC(2030, 1, 3, 4, 5, 6, 789);

test('a time has whole seconds, cut and not rounded', (t) => {
  t.is(timestamp(time), '2030-02-03T04:05:06Z');
});

test('a micro time has six digits', (t) => {
  t.is(microTimestamp(time), '2030-02-03T04:05:06.789000Z');
});
