import test from 'ava';
import { flipErrors, type Flip } from './flip-errors.ts';

const start = Date.parse('2026-01-01T00:00:00.400Z');
const schedule = { phase: 5_000, until: start + 16_000 };

function flip(isReady: boolean, seenAfter: number, storedAfter = seenAfter): Flip {
  const storedAt = Math.floor((start + storedAfter) / 1000) * 1000;
  return { node: 'one', isReady, seenAt: start + seenAfter, storedAt };
}

test('each transition is compared with the time at which it was due', (t) => {
  const flips = [flip(false, 5_010), flip(true, 10_200), flip(false, 14_990)];
  t.deepEqual(flipErrors(flips, new Map([['one', start]]), schedule), {
    seen: [10, 200, -10],
    stored: [0, 0, 0],
    missing: 0,
  });
});

test('what was due and not seen is missing', (t) => {
  const startedAt = new Map([
    ['one', start],
    ['silent', start],
  ]);
  const { seen, missing } = flipErrors([flip(false, 5_010)], startedAt, schedule);
  t.deepEqual(seen, [10]);
  t.is(missing, 2 + 3);
});

test('what is due after the end does not count, seen or not', (t) => {
  const flips = [flip(false, 5_000), flip(true, 10_000), flip(false, 15_000), flip(true, 20_000)];
  const { seen, missing } = flipErrors(flips, new Map([['one', start]]), schedule);
  t.is(seen.length, 3);
  t.is(missing, 0);
});

test('a stored time is off by its distance from the second in which the transition was due', (t) => {
  const { stored } = flipErrors([flip(false, 5_010, 7_000)], new Map([['one', start]]), schedule);
  t.deepEqual(stored, [1_600]); // due at 5.4 s, stored as 7 s of the clock
});
