import test from 'ava';
import { age, humanDuration } from './columns.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const durations: [number, string][] = [
  [-5 * second, '<invalid>'],
  [0, '0s'],
  [119 * second, '119s'],
  [120 * second, '2m'],
  [125 * second, '2m5s'],
  [10 * minute + 5 * second, '10m'],
  [179 * minute, '179m'],
  [180 * minute, '3h'],
  [7 * hour + 30 * minute, '7h30m'],
  [8 * hour + 30 * minute, '8h'],
  [47 * hour, '47h'],
  [49 * hour, '2d1h'],
  [8 * day, '8d'],
  [400 * day, '400d'],
  [800 * day, '2y70d'],
  [9 * 365 * day, '9y'],
];

for (const [duration, text] of durations) {
  test(`${duration} ms is written ${text}`, (t) => {
    t.is(humanDuration(duration), text);
  });
}

test('an age without a time is unknown', (t) => {
  t.is(age(undefined, 0), '<unknown>');
  t.is(age('1970-01-01T00:00:00Z', 5000), '5s');
});
