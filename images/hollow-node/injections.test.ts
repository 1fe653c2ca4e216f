import test from 'ava';
import { nodes } from '#api/core.ts';
import { faultAnnotation, formatInjection } from '#api/faults/injection.ts';
import { settle } from '#test/helpers/fake-clock.ts';
import { readyOf, requestsOf, startHollowNode } from '#test/helpers/hollow-node.ts';
import { CrashError } from './hollow-node.ts';

const second = 1000;

async function start(...[t, given]: Parameters<typeof startHollowNode>) {
  const node = await startHollowNode(t, given);
  const annotate = async (value: string | null): Promise<void> => {
    const annotations = { [faultAnnotation]: value };
    await node.client.patch(nodes, { namespace: '', name: 'n1' }, { metadata: { annotations } });
    await import('#api/faults/read.ts'); // what the node does when it sees the first one
    await settle();
    await node.clock.advance(0);
  };
  return { ...node, annotate };
}

test('a fault can be asked for while the node runs, and heals when it should', async (t) => {
  const { clock, annotate, transitions } = await start(t);
  await clock.advance(60 * second);
  await annotate('NotReady for 30s');
  await clock.advance(60 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [60, 'False'],
    [90, 'True'],
  ]);
});

test('an unreachable node hears that its fault is taken back', async (t) => {
  const { client, clock, annotate } = await start(t);
  await clock.advance(5 * second);
  await annotate('Unreachable');
  const before = client.requests.filter(({ verb }) => verb === 'update').length;
  await clock.advance(60 * second);
  t.is(client.requests.filter(({ verb }) => verb === 'update').length, before);
  await annotate(null);
  await clock.advance(1 * second);
  t.is(client.requests.filter(({ verb }) => verb === 'update').length, before + 1);
  t.is(readyOf(client), 'True');
});

const lasting = [
  'Unreachable',
  'Crash for 10m',
  'APIErrors',
  'APILatency delay=1h',
  'Unreachable; APIErrors',
  'SlowHeartbeat delay=1h',
];

for (const fault of lasting) {
  test(`${fault} is over when it is taken back, though the node has no watch any more`, async (t) => {
    const { client, clock, annotate } = await start(t);
    const renewals = (): number =>
      requestsOf(client).filter((request) => request === 'update leases').length;
    await clock.advance(5 * second);
    await annotate(fault);
    client.dropWatches();
    await clock.advance(60 * second);
    const before = renewals();
    await annotate(null);
    await clock.advance(20 * second);
    t.true(renewals() > before);
  });
}

test('a crash with an end comes once', async (t) => {
  const { client, clock, annotate } = await start(t);
  await clock.advance(5 * second);
  await annotate('Crash for 10s');
  await clock.advance(120 * second);
  const starts = requestsOf(client).filter((request) => request === 'create nodes').length;
  t.is(starts, 2);
});

test('a fault is not prolonged by a crash that comes meanwhile', async (t) => {
  const { clock, annotate, transitions } = await start(t, {
    faults: [{ type: 'Crash', after: 15 * second, duration: 5 * second }],
  });
  await clock.advance(10 * second);
  await annotate('NotReady for 30s');
  await clock.advance(60 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [10, 'False'],
    [40, 'True'],
  ]);
});

test('a crashed node comes back as soon as its fault is taken back', async (t) => {
  const { client, clock, annotate, transitions } = await start(t);
  await clock.advance(5 * second);
  await annotate('Crash for 10m');
  await clock.advance(60 * second);
  const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
  await client.patch(nodes, { namespace: '', name: 'n1' }, { status: { conditions } });
  await annotate(null);
  await clock.advance(1 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [65, 'Unknown'],
    [65, 'True'],
  ]);
});

test('a crash that was asked for of the Node itself comes once, and heals with what is asked for instead', async (t) => {
  const { client, clock, annotate } = await start(t);
  const renewals = (): number => client.requests.filter(({ verb }) => verb === 'update').length;
  await clock.advance(5 * second);
  await annotate('Crash for 3s');
  await clock.advance(3 * second);
  const before = renewals();
  await clock.advance(60 * second);
  t.is(renewals(), before + 6);
  await annotate('Crash for 5s; Unreachable for 10m');
  await clock.advance(60 * second);
  await annotate('NotReady');
  t.is(readyOf(client), 'False');
  await annotate(null);
  t.is(readyOf(client), 'True');
});

test('what was taken back during a crash is over after it', async (t) => {
  const { client, clock, annotate } = await start(t);
  await clock.advance(5 * second);
  await annotate('NotReady; Crash after 1s for 3s');
  t.is(readyOf(client), 'False');
  await clock.advance(2 * second);
  await annotate(null);
  await clock.advance(10 * second);
  t.is(readyOf(client), 'True');
});

test('a node that is started anew in the middle of a fault does not say in between that it is well', async (t) => {
  const first = await start(t);
  const { client, clock } = first;
  await clock.advance(5 * second);
  await first.annotate(formatInjection('NotReady for 30s', clock.now()));
  await clock.advance(5 * second);
  first.controller.abort();
  const { transitions } = await startHollowNode(t, { client, clock });
  t.deepEqual(first.transitions, [
    [0, 'True'],
    [5, 'False'],
  ]);
  await clock.advance(60 * second);
  t.deepEqual(transitions, [
    [0, 'False'],
    [25, 'True'],
  ]);
});

test('what is asked for of a node that is cut off by another fault counts from its first word on', async (t) => {
  const faults = [{ type: 'Unreachable', after: 10 * second, duration: 50 * second } as const];
  const { client, clock, annotate, transitions } = await start(t, { faults });
  await clock.advance(50 * second);
  const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
  await client.patch(nodes, { namespace: '', name: 'n1' }, { status: { conditions } });
  await annotate(formatInjection('NotReady for 30s', clock.now()));
  await clock.advance(60 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [50, 'Unknown'],
    [60, 'False'],
    [80, 'True'],
  ]);
});

for (const [how, ask] of [
  ['since a time', (now: number) => formatInjection('Crash', now)],
  ['of the Node itself', () => 'Crash'],
] as const) {
  test(`a crash that was asked for ${how} is not repeated by the process that follows`, async (t) => {
    const first = await start(t);
    await first.clock.advance(5 * second);
    await first.annotate(ask(first.clock.now()));
    await t.throwsAsync(first.running, { instanceOf: CrashError });
    const { client, clock } = first;
    await clock.advance(5 * second);
    const { running } = await startHollowNode(t, { client, clock });
    await settle();
    await clock.advance(60 * second);
    t.is(await Promise.race([running, Promise.resolve('runs')]), 'runs');
  });
}
