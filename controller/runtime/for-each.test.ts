import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { forEachOf } from './for-each.ts';

test('everything is done, never more than so many at once', async (t) => {
  const seen: number[] = [];
  let running = 0;
  let most = 0;
  await forEachOf([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++running);
    await setImmediate();
    seen.push(item);
    running -= 1;
  });
  t.deepEqual(seen, [1, 2, 3, 4, 5]);
  t.is(most, 2);
});

test('after a failure what runs is finished and nothing is begun', async (t) => {
  const begun: number[] = [];
  const ended: number[] = [];
  const failing = forEachOf([1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    await setImmediate();
    if (item === 1) throw new Error('no');
    await setImmediate();
    ended.push(item);
  });
  await t.throwsAsync(failing, { message: 'no' });
  t.deepEqual(begun, [1, 2]);
  t.deepEqual(ended, [2]);
});
