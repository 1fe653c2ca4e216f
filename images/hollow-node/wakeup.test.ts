import test from 'ava';
import { FakeClock, settle } from '#test/helpers/fake-clock.ts';
import { Wakeup } from './wakeup.ts';

function setup() {
  const clock = new FakeClock();
  const controller = new AbortController();
  const wakeup = new Wakeup();
  const wait = (delay: number) => wakeup.wait(clock, delay, controller.signal);
  return { clock, controller, wakeup, wait };
}

test('a wait ends after its delay', async (t) => {
  const { clock, wait } = setup();
  let ended = false;
  const waiting = wait(100).then(() => (ended = true));
  await clock.advance(99);
  t.false(ended);
  await clock.advance(1);
  t.true(await waiting);
});

test('a call ends the wait and leaves no timer', async (t) => {
  const { clock, wakeup, wait } = setup();
  const waiting = wait(100);
  wakeup.call();
  wakeup.call();
  await waiting;
  t.is(clock.pending, 0);
});

test('a call between two waits is not lost, and ends only one', async (t) => {
  const { clock, wakeup, wait } = setup();
  wakeup.call();
  await wait(Number.POSITIVE_INFINITY);
  let ended = false;
  void wait(100).then(() => (ended = true)); // looked at below
  await settle();
  t.false(ended);
  await clock.advance(100);
  t.true(ended);
});

test('an abort rejects with its reason', async (t) => {
  const { clock, controller, wait } = setup();
  const waiting = wait(100);
  const reason = new Error('stopping');
  controller.abort(reason);
  await t.throwsAsync(waiting, { is: reason });
  t.is(clock.pending, 0);
});
