import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { RateLimiter } from './rate-limiter.ts';

test('a burst passes at once, then one by one in order', async (t) => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ clock, rate: 10, burst: 2 });
  const passed: number[] = [];
  const all = [1, 2, 3, 4].map(async (turn) => {
    await limiter.acquire();
    passed.push(turn);
  });
  await clock.advance(0);
  t.deepEqual(passed, [1, 2]);
  await clock.advance(100);
  t.deepEqual(passed, [1, 2, 3]);
  await clock.advance(100);
  t.deepEqual(passed, [1, 2, 3, 4]);
  await Promise.all(all);
});

test('an idle bucket fills up to the burst and no further', async (t) => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ clock, rate: 1, burst: 3 });
  await clock.advance(3_600_000);
  const taken = Array.from({ length: 5 }, () => limiter.tryAcquire());
  t.deepEqual(taken, [true, true, true, false, false]);
});

test('a turn that is given up goes to the next', async (t) => {
  const clock = new FakeClock();
  const limiter = new RateLimiter({ clock, rate: 1, burst: 1 });
  await limiter.acquire();
  const controller = new AbortController();
  const given = t.throwsAsync(limiter.acquire(controller.signal), { message: 'gone' });
  controller.abort(new Error('gone'));
  await given;
  let passed = false;
  void limiter.acquire().then(() => (passed = true));
  await clock.advance(999);
  t.false(passed);
  await clock.advance(1);
  t.true(passed);
});
