/** Faults that are active at the same time. */
import test from 'ava';
import type { Fault } from '#api/faults/decode.ts';
import { eventually, newNode, startProxied } from './testing/proxied.ts';

const second = 1000;
const notReady: Fault = { type: 'NotReady', after: 20 * second, duration: 10 * second };

async function startJoined(...[t, ...faults]: Parameters<typeof startProxied>) {
  const proxied = await startProxied(t, ...faults);
  const { kubelet, clock, condition } = proxied;
  t.is((await kubelet.post('/api/v1/nodes', newNode(clock))).code, 201);
  return {
    ...proxied,
    ready: async () => (await condition())?.status,
    isReady: (expected: string) => eventually(async () => (await condition())?.status === expected),
  };
}

test('a NotReady whose requests wait is seen later by as much, and is over as late', async (t) => {
  const { clock, ready, isReady } = await startJoined(t, notReady, {
    type: 'APILatency',
    after: 5 * second,
    delay: 3 * second,
    percent: 100,
  });
  await clock.advance(22 * second);
  t.is(await ready(), 'True');
  await clock.advance(1 * second);
  await isReady('False');
  await clock.advance(9 * second);
  t.is(await ready(), 'False');
  await clock.advance(1 * second);
  await isReady('True');
});

test('a NotReady whose requests fail is not seen before they pass', async (t) => {
  const { clock, requests, ready, isReady } = await startJoined(
    t,
    { ...notReady, duration: 60 * second },
    { type: 'APIErrors', after: 5 * second, duration: 40 * second, code: 503, percent: 100 },
  );
  await clock.advance(44 * second);
  t.is(await ready(), 'True');
  t.false(requests.some((request) => request.startsWith('patch')));
  await clock.advance(3 * second);
  await isReady('False');
});

test('what waits when the node is cut off is not sent', async (t) => {
  const { clock, requests, ready, isReady } = await startJoined(
    t,
    notReady,
    {
      type: 'APILatency',
      after: 5 * second,
      duration: 18 * second,
      delay: 5 * second,
      percent: 100,
    },
    { type: 'Unreachable', after: 22 * second, duration: 5 * second },
  );
  await clock.advance(26 * second);
  t.is(await ready(), 'True');
  t.false(requests.some((request) => request.startsWith('patch')));
  await clock.advance(1 * second);
  await isReady('False');
});
