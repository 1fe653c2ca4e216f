/** What each type of fault does to a hollow node; the old ones are in hollow-node.test.ts. */
import test from 'ava';
import { leases, nodes, pods } from '#api/core.ts';
import { readyOf, requestsOf, startHollowNode } from '#test/helpers/hollow-node.ts';
import { CrashError } from './hollow-node.ts';

const second = 1000;

test('a late node says nothing before its time, and registers Ready at it', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    faults: [{ type: 'LateJoin', after: 0, duration: 30 * second }],
  });
  await clock.advance(29.9 * second);
  t.deepEqual(client.requests, []);
  await clock.advance(0.1 * second);
  t.deepEqual(transitions, [[30, 'True']]);
});

test('a node that is not to join stays away; one that has joined stays', async (t) => {
  const never = await startHollowNode(t, { faults: [{ type: 'NeverJoin', after: 0 }] });
  await never.clock.advance(3600 * second);
  t.deepEqual(never.client.requests, []);
  const later = await startHollowNode(t, { faults: [{ type: 'NeverJoin', after: 5 * second }] });
  await later.clock.advance(60 * second);
  t.is(requestsOf(later.client).filter((request) => request === 'update leases').length, 6);
});

test('a node that has joined comes back after a crash, whether it may join then or not', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    faults: [
      { type: 'NeverJoin', after: 5 * second },
      { type: 'Crash', after: 10 * second, duration: 10 * second },
    ],
  });
  await clock.advance(15 * second);
  const before = client.requests.length;
  await clock.advance(5 * second);
  t.true(client.requests.length > before);
});

test('a node registers with the wrong provider ID, or without one', async (t) => {
  for (const [providerID, expected] of [
    ['aws:///i-1', 'aws:///i-1'],
    ['', undefined],
  ] as const) {
    const { client } = await startHollowNode(t, {
      faults: [{ type: 'WrongProviderID', after: 0, providerID }],
    });
    t.is(client.all(nodes)[0]?.spec?.providerID, expected);
  }
});

test('a slow heartbeat renews the lease late, and on time again afterwards', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    faults: [
      { type: 'SlowHeartbeat', after: 15 * second, duration: 40 * second, delay: 12 * second },
    ],
  });
  const start = clock.now();
  const renewals = new Set<number>();
  for (let time = 0; time < 80; time++) {
    const renewTime = Date.parse(client.all(leases)[0]?.spec?.renewTime ?? '');
    renewals.add((renewTime - start) / second);
    await clock.advance(second);
  }
  t.deepEqual([...renewals], [0, 10, 32, 54, 64, 74]);
});

test('a node that was given up because of slow heartbeats is Unknown until its next sync, as a kubelet’s', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    faults: [{ type: 'SlowHeartbeat', after: 0, duration: 90 * second, delay: 80 * second }],
  });
  const giveUp = async (): Promise<void> => {
    const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
    await client.patch(nodes, { namespace: '', name: 'n1' }, { status: { conditions } });
    await clock.advance(0);
  };
  await clock.advance(40 * second);
  await giveUp();
  await clock.advance(40 * second);
  await giveUp();
  await clock.advance(40 * second);
  await giveUp(); // it is well again, and beats in time
  t.deepEqual(transitions, [
    [0, 'True'],
    [40, 'Unknown'],
    [50, 'True'],
    [80, 'Unknown'],
    [90, 'True'],
    [120, 'Unknown'],
    [120, 'True'],
  ]);
});

test('a crash with an end takes the process down and starts it again, with what it is to say then', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    faults: [
      { type: 'Crash', after: 20 * second, duration: 30 * second },
      { type: 'NotReady', after: 40 * second, duration: 20 * second },
    ],
  });
  await clock.advance(20 * second);
  const before = client.requests.length;
  await clock.advance(29.9 * second);
  t.is(client.requests.length, before);
  await clock.advance(0.1 * second);
  t.deepEqual(requestsOf(client).slice(before, before + 2), ['create nodes', 'list pods']);
  await clock.advance(30 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [50, 'False'],
    [60, 'True'],
  ]);
});

test('a crash brings a deleted Node back, as the restart of a kubelet does', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    faults: [{ type: 'Crash', after: 20 * second, duration: 5 * second }],
  });
  await client.delete(nodes, { namespace: '', name: 'n1' });
  await clock.advance(19 * second);
  t.is(client.all(nodes).length, 0);
  await clock.advance(6 * second);
  t.is(readyOf(client), 'True');
});

test('a crash without an end ends the program', async (t) => {
  const { clock, running } = await startHollowNode(t, {
    faults: [{ type: 'Crash', after: 20 * second }],
  });
  await clock.advance(20 * second);
  await t.throwsAsync(running, { instanceOf: CrashError });
});

test('latency delays what is sent, by as much, and recovery is prompt', async (t) => {
  const { clock, transitions } = await startHollowNode(t, {
    faults: [
      {
        type: 'APILatency',
        after: 5 * second,
        duration: 50 * second,
        delay: 3 * second,
        percent: 100,
      },
      { type: 'NotReady', after: 20 * second, duration: 20 * second },
    ],
  });
  await clock.advance(60 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [23, 'False'],
    [43, 'True'],
  ]);
});

test('a share of requests fails, and the node gets over it', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    faults: [
      { type: 'APIErrors', after: 0, duration: 20 * second, code: 503, percent: 100 },
      { type: 'NotReady', after: 30 * second },
    ],
  });
  await clock.advance(19 * second);
  t.deepEqual(client.requests, []);
  await clock.advance(8 * second);
  t.is(readyOf(client), 'True');
  await clock.advance(4 * second);
  t.is(readyOf(client), 'False');
});

for (const code of [400, 403, 404, 409, 410, 429, 504]) {
  test(`nothing is concluded from a ${code} that a fault makes up`, async (t) => {
    const { client, clock, transitions } = await startHollowNode(t, {
      faults: [
        { type: 'APIErrors', after: 20 * second, duration: 30 * second, code, percent: 100 },
        { type: 'NotReady', after: 25 * second, duration: 35 * second, freezesPods: false },
      ],
    });
    const key = { namespace: 'default', name: 'p1' };
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
    await client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec });
    await clock.advance(30 * second);
    await client.delete(pods, key);
    await clock.advance(60 * second);
    t.deepEqual(
      transitions.map(([, status]) => status),
      ['True', 'False', 'True'],
    );
    t.deepEqual(client.all(pods), []);
    const renewedAt = Date.parse(client.all(leases)[0]?.spec?.renewTime ?? '');
    t.true(clock.now() - renewedAt <= 10 * second);
  });
}
