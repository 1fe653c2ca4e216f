import test from 'ava';
import { JitteredBackoff } from './backoff.ts';

test('the first attempt is immediate, the next ones wait between the bounds', (t) => {
  const backoff = new JitteredBackoff({ shortest: 200, longest: 30_000, random: Math.random });
  t.is(backoff.next(), 0);
  let last = 200;
  for (let i = 0; i < 100; i++) {
    const delay = backoff.next();
    t.true(delay >= 200 && delay <= Math.min(3 * last, 30_000), `${last} → ${delay}`);
    last = delay;
  }
  backoff.reset();
  t.is(backoff.next(), 0);
});

test('it grows to the longest delay and stays there', (t) => {
  const backoff = new JitteredBackoff({ shortest: 200, longest: 30_000, random: () => 1 });
  const delays = Array.from({ length: 8 }, () => backoff.next());
  t.deepEqual(delays, [0, 600, 1_800, 5_400, 16_200, 30_000, 30_000, 30_000]);
});
