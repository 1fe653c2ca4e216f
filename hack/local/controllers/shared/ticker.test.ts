import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { Ticker } from './ticker.ts';

async function setUp(period: number) {
  const clock = new FakeClock();
  const stop = new AbortController();
  const ticker = new Ticker(clock, period);
  const start = clock.monotonic();
  const passes: number[] = [];
  const running = ticker.run(stop.signal, async () => {
    passes.push(clock.monotonic() - start);
    if (passes.length === 100) stop.abort(); // a loop that does not sleep
  });
  await clock.advance(0); // the first pass
  return { clock, passes, running, stop, ticker };
}

test('a pass now and after each period, until it is stopped', async (t) => {
  const { clock, passes, running, stop } = await setUp(5_000);
  await clock.advance(12_000);
  t.deepEqual(passes, [0, 5_000, 10_000]);
  stop.abort();
  await running;
  t.is(clock.pending, 0);
});

test('woken, it runs at once and counts the period from then', async (t) => {
  const { clock, passes, running, stop, ticker } = await setUp(5_000);
  await clock.advance(1_000);
  ticker.wake();
  await clock.advance(0); // the pass
  await clock.advance(5_500);
  t.deepEqual(passes, [0, 1_000, 6_000]);
  stop.abort();
  await running;
});

test('woken several times, it runs once', async (t) => {
  const { clock, passes, running, stop, ticker } = await setUp(5_000);
  await clock.advance(1_000);
  ticker.wake();
  ticker.wake();
  await clock.advance(0);
  t.deepEqual(passes, [0, 1_000]);
  stop.abort();
  await running;
});

test('a pass that fails is reported to whoever runs it', async (t) => {
  const ticker = new Ticker(new FakeClock(), 5_000);
  const running = ticker.run(new AbortController().signal, async () => {
    throw new Error('no');
  });
  await t.throwsAsync(running, { message: 'no' });
});
