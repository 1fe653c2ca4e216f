import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { together } from './together.ts';

test('ends when all have ended', async (t) => {
  const ended: number[] = [];
  const task = (name: number) => async () => void ended.push(name);
  await together(new AbortController().signal, [task(1), task(2)]);
  t.deepEqual(ended, [1, 2]);
});

test('the first failure stops the others and is thrown after them', async (t) => {
  const clock = new FakeClock();
  const failure = new Error('first');
  let othersEnded = false;
  const run = together(new AbortController().signal, [
    async () => {
      await clock.sleep(10);
      throw failure;
    },
    async (signal) => {
      await clock.sleep(1000, signal).finally(() => {
        othersEnded = true;
      });
    },
  ]);
  const thrown = t.throwsAsync(run, { is: failure });
  await clock.advance(10);
  await thrown;
  t.true(othersEnded);
  t.is(clock.pending, 0);
});

test('an abort stops all, quietly', async (t) => {
  const clock = new FakeClock();
  const controller = new AbortController();
  const run = together(controller.signal, [
    (signal) => clock.sleep(1000, signal),
    (signal) => clock.sleep(2000, signal),
  ]);
  controller.abort();
  await t.notThrowsAsync(run);
  t.is(clock.pending, 0);
});
