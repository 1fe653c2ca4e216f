/** Faults that are active at the same time. */
import test from 'ava';
import { nodes } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import { timestamp } from '#api/timestamp.ts';
import { realClock } from '#runtime/clock.ts';
import { eventually, newNode, readyPatch, startProxied } from './testing/proxied.ts';

const second = 1000;
const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
const giveUp = { subresource: 'status', type: 'strategic' } as const;
const notReady: Fault = { type: 'NotReady', after: 20 * second, duration: 10 * second };

async function startJoined(...[t, ...faults]: Parameters<typeof startProxied>) {
  const proxied = await startProxied(t, ...faults);
  const { kubelet, client, proxy, clock, condition } = proxied;
  t.is((await kubelet.post('/api/v1/nodes', newNode(clock))).code, 201);
  return {
    ...proxied,
    /** Returns when the proxy has seen it, too. */
    annotate: async (value: string | null): Promise<void> => {
      const annotations = { [faultAnnotation]: value };
      await client.patch(nodes, { namespace: '', name: 'n1' }, { metadata: { annotations } });
      const seen = value === null ? 0 : 1;
      await eventually(async () => proxy.node('n1')?.faults.now().active.length === seen);
    },
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
    { type: 'APIErrors', after: 5 * second, duration: 40 * second, code: 404, percent: 100 },
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

test('a NotReady node whose heartbeats are late is given up, and seen again at the next sync', async (t) => {
  const { kubelet, client, clock, condition, isReady } = await startJoined(
    t,
    { ...notReady, duration: 60 * second },
    { type: 'SlowHeartbeat', after: 5 * second, delay: 300 * second },
  );
  const start = clock.now();
  const at = (seconds: number): string => timestamp(start + seconds * second);
  const sync = async (): Promise<void> => {
    const said = { status: 'True', reason: 'KubeletReady', message: 'posting' } as const;
    const times = { lastHeartbeatTime: timestamp(clock.now()), lastTransitionTime: at(0) };
    const patch = readyPatch({ ...said, ...times });
    const { code } = await kubelet.patch('/api/v1/nodes/n1/status', patch, 'strategic-merge-patch');
    t.is(code, 200);
  };
  await clock.advance(20 * second);
  await isReady('False');
  await clock.advance(10 * second);
  await sync();
  t.like(await condition(), { status: 'False', lastHeartbeatTime: at(20) });

  const unknown = { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' };
  const key = { namespace: '', name: 'n1' };
  await client.patch(nodes, key, { status: { conditions: [unknown] } }, giveUp);
  await kubelet.get('/api/v1/nodes/n1');
  await clock.advance(9 * second);
  t.is((await condition())?.status, 'Unknown');
  await sync();
  t.like(await condition(), { status: 'False', lastHeartbeatTime: at(39) });

  await client.patch(nodes, key, { status: { conditions: [unknown] } }, giveUp);
  await clock.advance(41 * second);
  await isReady('True');
});

test('a node that was cut off renews its lease at once, however late its heartbeats are', async (t) => {
  const { kubelet, clock, requests } = await startJoined(
    t,
    { type: 'SlowHeartbeat', after: 0, delay: 300 * second },
    { type: 'Unreachable', after: 20 * second, duration: 10 * second },
  );
  const { body } = await kubelet.post(leases, { metadata: { name: 'n1' } });
  const renewals = async (): Promise<number> => {
    t.is((await kubelet.put(`${leases}/n1`, body)).code, 200);
    return requests.filter((request) => request === 'update leases 200').length;
  };
  await clock.advance(10 * second);
  t.is(await renewals(), 0);
  await clock.advance(20 * second);
  t.is(await renewals(), 1);
});

for (const [how, duration, injected] of [
  ['by themselves', 15 * second, undefined],
  ['because they are taken back', undefined, 'SlowHeartbeat delay=5s'],
] as const) {
  test(`a renewal that waits passes as soon as slow heartbeats are over ${how}`, async (t) => {
    const { kubelet, clock, requests, annotate } = await startJoined(
      t,
      ...(duration
        ? [{ type: 'SlowHeartbeat', after: 0, duration, delay: 300 * second } as const]
        : []),
    );
    const { body } = await kubelet.post(leases, { metadata: { name: 'n1' } });
    if (injected) await annotate(injected);
    await clock.advance(10 * second);
    const renewal = kubelet.put(`${leases}/n1`, body);
    await Promise.race([renewal, realClock.sleep(100)]); // it arrives
    t.false(requests.includes('update leases 200'));
    if (injected) await annotate(null);
    else await clock.advance(5 * second);
    t.is((await renewal).code, 200);
    t.true(requests.includes('update leases 200'));
  });
}
