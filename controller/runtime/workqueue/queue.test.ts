import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { DelayingQueue } from './delaying-queue.ts';
import { WorkQueue } from './queue.ts';
import { KeyBackoff } from './rate-limiter.ts';

/** Takes what waits now. */
async function drain(queue: WorkQueue): Promise<(string | undefined)[]> {
  return Promise.all(Array.from({ length: queue.length }, () => queue.take()));
}

test('keys are handed out in the order of their arrival', async (t) => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  for (const key of ['b', 'a', 'c']) queue.add(key);
  t.deepEqual(await drain(queue), ['b', 'a', 'c']);
});

test('a key that waits is de-duplicated', async (t) => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
  t.deepEqual(await drain(queue), ['a', 'b']);
});

test('a worker that waits gets the next key', async (t) => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  const taken = [queue.take(), queue.take()];
  queue.add('a');
  queue.add('b');
  t.deepEqual(await Promise.all(taken), ['a', 'b']);
});

test('a key is with one worker at a time, and added meanwhile it comes again', async (t) => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  queue.add('a');
  t.is(await queue.take(), 'a');
  let again: string | undefined;
  const second = queue.take().then((key) => (again = key));
  queue.add('a');
  queue.add('a');
  await new FakeClock().advance(0);
  t.is(again, undefined);
  queue.done('a');
  t.is(await second, 'a');
  queue.done('a');
  t.is(queue.length, 0);
});

test('a queue that is shut down dismisses its workers and drops what waits', async (t) => {
  const queue = new WorkQueue({ clock: new FakeClock() });
  queue.add('a');
  await queue.take();
  queue.add('a');
  queue.add('b');
  const waiting = [queue.take(), queue.take()];
  queue.shutDown();
  queue.done('a');
  queue.add('c');
  t.deepEqual(await Promise.all(waiting), ['b', undefined]);
  t.is(await queue.take(), undefined);
});

test('an observer hears how long keys waited and were worked on', async (t) => {
  const clock = new FakeClock();
  const heard: string[] = [];
  const observer = {
    added: () => void heard.push('added'),
    taken: (seconds: number) => void heard.push(`taken ${seconds}`),
    finished: (seconds: number) => void heard.push(`finished ${seconds}`),
  };
  const queue = new WorkQueue({ clock, observer });
  queue.add('a');
  queue.add('a');
  await clock.advance(2_000);
  await queue.take();
  await clock.advance(3_000);
  t.deepEqual(queue.secondsInProcess, [3]);
  queue.done('a');
  t.deepEqual(heard, ['added', 'taken 2', 'finished 3']);
});

test('a delayed key comes when it is due', async (t) => {
  const clock = new FakeClock();
  const queue = new DelayingQueue({ clock });
  queue.addAfter('late', 2_000);
  queue.addAfter('soon', 1_000);
  queue.addAfter('now', 0);
  t.deepEqual(await drain(queue), ['now']);
  await clock.advance(999);
  t.is(queue.length, 0);
  await clock.advance(1);
  t.deepEqual(await drain(queue), ['soon']);
  await clock.advance(1_000);
  t.deepEqual(await drain(queue), ['late']);
});

test('of several delays the earliest counts', async (t) => {
  const clock = new FakeClock();
  const queue = new DelayingQueue({ clock });
  for (const delay of [3_000, 1_000, 2_000]) queue.addAfter('a', delay);
  t.is(clock.pending, 1);
  await clock.advance(1_000);
  t.deepEqual(await drain(queue), ['a']);
  queue.done('a');
  await clock.advance(10_000);
  t.is(queue.length, 0);
});

test('a queue that is shut down leaves no timer', (t) => {
  const clock = new FakeClock();
  const queue = new DelayingQueue({ clock });
  queue.addAfter('a', 1_000);
  queue.shutDown();
  queue.addAfter('b', 1_000);
  t.is(clock.pending, 0);
});

test('a key that keeps failing waits twice as long each time, up to a limit', (t) => {
  const backoff = new KeyBackoff({ shortest: 5, longest: 1_000 });
  const delays = Array.from({ length: 10 }, () => backoff.next('a'));
  t.deepEqual(delays, [5, 10, 20, 40, 80, 160, 320, 640, 1_000, 1_000]);
  t.is(backoff.next('b'), 5);
  backoff.forget('a');
  t.is(backoff.next('a'), 5);
});

test('failing for years is still a number', (t) => {
  const backoff = new KeyBackoff({ shortest: 5, longest: 300_000 });
  let last = 0;
  for (let i = 0; i < 5_000; i++) last = backoff.next('a');
  t.is(last, 300_000);
});
