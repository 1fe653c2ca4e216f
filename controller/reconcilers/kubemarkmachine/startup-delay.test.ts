import test from 'ava';
import { startupRest } from './startup-delay.ts';

const delay = { duration: 10_000, jitterPercent: 0, seed: 'a' };

test('the delay counts from the creation of the machine', (t) => {
  t.is(startupRest(delay, 1_000, 1_000), 10_000);
  t.is(startupRest(delay, 1_000, 4_000), 7_000);
  t.is(startupRest(delay, 1_000, 60_000), 0);
});

test('jitter adds up to its share: always the same for a machine, another for others', (t) => {
  const rests = ['a', 'b', 'c', 'a'].map((seed) =>
    startupRest({ ...delay, jitterPercent: 20, seed }, 0, 0),
  );
  for (const rest of rests) t.true(rest >= 10_000 && rest < 12_000);
  t.is(rests[0], rests[3]);
  t.is(new Set(rests).size, 3);
});
