import test from 'ava';
import { leases, nodes } from '#api/core.ts';
import { outage, readyOf, refuse, requestsOf, startHollowNode } from '#test/helpers/hollow-node.ts';
import { MemoryClient } from '#test/helpers/memory-client.ts';
import { CrashError } from './hollow-node.ts';

const second = 1000;
const minute = 60 * second;

test('registers a Ready node with one write, and renews its lease at once', async (t) => {
  const { client } = await startHollowNode(t);
  t.deepEqual(
    requestsOf(client).filter((request) => !/list|watch/.test(request)),
    ['create nodes', 'create leases'],
  );
  t.is(readyOf(client), 'True');
  const [node] = client.all(nodes);
  t.like(client.all(leases)[0], {
    metadata: { ownerReferences: { 0: { kind: 'Node', name: 'n1', uid: node?.metadata.uid } } },
    spec: { holderIdentity: 'n1', leaseDurationSeconds: 40 },
  });
});

test('an idle node sends at most 7 requests a minute', async (t) => {
  const { client, clock } = await startHollowNode(t);
  const before = client.requests.length;
  await clock.advance(60 * minute);
  const perMinute = (client.requests.length - before) / 60;
  t.true(perMinute <= 7, `${perMinute}`);
  t.is(requestsOf(client).filter((request) => request === 'update leases').length, 360);
  t.is(requestsOf(client).filter((request) => request === 'patch nodes').length, 12);
});

test('turns NotReady and back on schedule, and moves the transition time only then', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    args: [
      '--turn-unhealthy-periodically',
      '--unhealthy-duration=5s',
      '--healthy-duration=40s',
      '--node-status-update-frequency=2s',
    ],
  });
  await clock.advance(100 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [40, 'False'],
    [45, 'True'],
    [85, 'False'],
    [90, 'True'],
  ]);
  await clock.advance(30 * second);
  const ready = client.all(nodes)[0]?.status?.conditions?.at(-1);
  t.is(ready?.lastTransitionTime, '2030-01-01T00:02:10Z');
  t.like(ready, {
    reason: 'KubeletNotReady',
    message:
      'RuntimeDisrupter is not healthy: reporting unhealty periodically on request (every 5s)',
  });
});

test('a node that is unhealthy from the start registers so', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    args: ['--turn-unhealthy-after'],
  });
  await clock.advance(10 * minute);
  t.deepEqual(transitions, [[0, 'False']]);
  const ready = client.all(nodes)[0]?.status?.conditions?.at(-1);
  t.is(ready?.lastTransitionTime, '2030-01-01T00:00:00Z');
});

test('registers as soon as the API server is there, with the state it has then', async (t) => {
  const client = new MemoryClient();
  client.before = outage;
  const { clock, transitions } = await startHollowNode(t, {
    client,
    args: ['--turn-unhealthy-after', '--healthy-duration=60s'],
  });
  await clock.advance(65 * second);
  const attempts = requestsOf(client).filter((request) => request === 'create nodes').length;
  t.true(attempts > 5 && attempts < 60, `${attempts}`);
  client.before = () => {};
  await clock.advance(7 * second);
  t.is(transitions[0]?.[1], 'False');
  await clock.advance(minute);
  t.is(transitions.length, 1);
  t.is(client.all(leases).length, 1);
});

test('an outage across a boundary: the state that is right afterwards is stored soon', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    args: ['--turn-unhealthy-periodically', '--unhealthy-duration=20s', '--healthy-duration=40s'],
  });
  await clock.advance(35 * second);
  client.before = outage;
  client.dropWatches();
  await clock.advance(10 * second);
  client.before = () => {};
  await clock.advance(2 * second);
  t.is(transitions.length, 2);
  t.true((transitions[1]?.[0] ?? 0) <= 47, `${transitions[1]?.[0]}`);
  await clock.advance(20 * second);
  t.deepEqual(transitions.slice(2), [[60, 'True']]);
});

test('an outage longer than a phase leaves no trace of it', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    args: ['--turn-unhealthy-periodically', '--unhealthy-duration=5s', '--healthy-duration=40s'],
  });
  await clock.advance(35 * second);
  client.before = outage;
  await clock.advance(20 * second);
  client.before = () => {};
  await clock.advance(20 * second);
  t.deepEqual(transitions, [[0, 'True']]);
  await clock.advance(20 * second);
  t.deepEqual(transitions.slice(1), [
    [85, 'False'],
    [90, 'True'],
  ]);
});

test('an hour without an API server is no hot loop, for anything', async (t) => {
  const { client, clock } = await startHollowNode(t);
  client.before = outage;
  client.dropWatches();
  const before = client.requests.length;
  await clock.advance(60 * minute);
  const perMinute = (client.requests.length - before) / 60;
  t.true(perMinute < 60, `${perMinute}`);
  client.before = () => {};
  await clock.advance(minute);
  t.is(client.watches, 2);
  const renewed = client.all(leases)[0]?.spec?.renewTime ?? '';
  t.true(renewed >= '2030-01-01T01:00:50', renewed);
});

for (const [title, failure] of [
  ['a server error', () => refuse(500, 'InternalError')],
  ['too many requests', () => refuse(429, 'TooManyRequests')],
  ['a conflict', () => refuse(409, 'Conflict')],
  ['a dropped connection', outage],
] as const) {
  test(`${title} delays a change by half a second at most`, async (t) => {
    const { client, clock, transitions } = await startHollowNode(t, {
      args: ['--turn-unhealthy-after', '--healthy-duration=40s'],
    });
    let failures = 2;
    client.before = ({ verb, resource }) => {
      if (verb === 'patch' && resource === 'nodes' && failures-- > 0) failure();
    };
    await clock.advance(41 * second);
    t.is(transitions.length, 2);
    t.true((transitions[1]?.[0] ?? 0) < 40.5, `${transitions[1]?.[0]}`);
  });
}

test('a lost answer does not move the transition time', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    args: ['--turn-unhealthy-after', '--healthy-duration=40s'],
  });
  let lost = 3;
  client.after = async ({ verb, resource }) => {
    if (verb !== 'patch' || resource !== 'nodes' || lost-- <= 0) return;
    await clock.sleep(1500);
    outage();
  };
  await clock.advance(minute);
  t.true(lost < 0);
  const ready = client.all(nodes)[0]?.status?.conditions?.at(-1);
  t.is(ready?.lastTransitionTime, '2030-01-01T00:00:40Z');
});

test('a slow answer does not hide the next boundary', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    args: ['--turn-unhealthy-periodically', '--unhealthy-duration=5s', '--healthy-duration=40s'],
  });
  client.after = async ({ verb, resource }) => {
    if (verb === 'patch' && resource === 'nodes') await clock.sleep(7 * second);
  };
  await clock.advance(80 * second);
  t.deepEqual(transitions, [
    [0, 'True'],
    [40, 'False'],
    [47, 'True'],
  ]);
});

test('adopts a node of the same name and brings its status up to date', async (t) => {
  const first = await startHollowNode(t, { args: ['--num-cores=2'] });
  first.controller.abort();
  await first.running;
  const { client } = first;
  client.requests.length = 0;
  await startHollowNode(t, { client, args: ['--num-cores=4', '--node-labels=a=b'] });
  const [node] = client.all(nodes);
  t.is(node?.status?.capacity?.['cpu'], '4');
  t.is(node?.metadata.labels?.['a'], undefined);
  t.is(requestsOf(client).filter((request) => request === 'patch nodes').length, 1);
  t.is(client.all(leases).length, 1);
});

test('a node that is deleted is not registered again, and its lease does not come back', async (t) => {
  const { client, clock } = await startHollowNode(t);
  await client.delete(nodes, { namespace: '', name: 'n1' });
  await client.delete(leases, { namespace: 'kube-node-lease', name: 'n1' });
  await clock.advance(1);
  const before = client.requests.length;
  await clock.advance(10 * minute);
  t.deepEqual(client.all(nodes), []);
  t.deepEqual(client.all(leases), []);
  t.true(client.requests.length - before <= 4, 'only the watch of its Pods goes on');
});

test('a node that is deleted unseen is noticed by the next write', async (t) => {
  const { client, clock } = await startHollowNode(t);
  client.before = outage;
  client.dropWatches();
  await clock.advance(15 * second);
  client.before = () => {};
  await client.delete(nodes, { namespace: '', name: 'n1' });
  await client.delete(leases, { namespace: 'kube-node-lease', name: 'n1' });
  await clock.advance(10 * minute);
  t.deepEqual(client.all(nodes), []);
  t.deepEqual(client.all(leases), []);
});

test('another node of the same name is left alone', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    args: ['--turn-unhealthy-after', '--healthy-duration=40s'],
  });
  const [node] = client.all(nodes);
  await client.delete(nodes, { namespace: '', name: 'n1' });
  const metadata = { name: 'n1' };
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', ...node, metadata });
  await clock.advance(10 * minute);
  t.is(readyOf(client), 'True');
});

test('an unreachable node is silent, then resumes at once', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    faults: [{ type: 'Unreachable', after: 30 * second, duration: minute }],
  });
  await clock.advance(30 * second);
  t.is(client.watches, 0);
  const before = client.requests.length;
  await clock.advance(30 * second);
  const [node] = client.all(nodes);
  const conditions = (node?.status?.conditions ?? []).map((condition) => ({
    ...condition,
    status: 'Unknown',
    lastTransitionTime: '2030-01-01T00:01:00Z',
  }));
  t.is(client.requests.length, before);
  await client.patch(nodes, { namespace: '', name: 'n1' }, { status: { conditions } });
  client.requests.length = 0;
  await clock.advance(29 * second);
  t.deepEqual(client.requests, []);
  await clock.advance(1 * second);
  t.is(client.watches, 2);
  t.deepEqual(transitions, [
    [0, 'True'],
    [60, 'Unknown'],
    [90, 'True'],
  ]);
  const ready = client.all(nodes)[0]?.status?.conditions?.at(-1);
  t.is(ready?.lastTransitionTime, '2030-01-01T00:01:30Z');
  t.is(client.all(leases)[0]?.spec?.renewTime, '2030-01-01T00:01:30.000000Z');
});

test('a node that is unreachable from the start registers when that ends', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    faults: [{ type: 'Unreachable', after: 0, duration: 20 * second }],
  });
  await clock.advance(19 * second);
  t.deepEqual(client.requests, []);
  await clock.advance(1 * second);
  t.deepEqual(transitions, [[20, 'True']]);
});

test('a node deleted while it was unreachable stays away', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    faults: [{ type: 'Unreachable', after: 30 * second, duration: minute }],
  });
  await clock.advance(40 * second);
  await client.delete(nodes, { namespace: '', name: 'n1' });
  await client.delete(leases, { namespace: 'kube-node-lease', name: 'n1' });
  await clock.advance(10 * minute);
  t.deepEqual(client.all(nodes), []);
  t.deepEqual(client.all(leases), []);
});

test('a pressure comes and goes while the node stays Ready', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t, {
    faults: [
      {
        type: 'Condition',
        after: 10 * second,
        duration: 10 * second,
        condition: { type: 'MemoryPressure' },
      },
    ],
  });
  const pressure = (): string | undefined => client.all(nodes)[0]?.status?.conditions?.[0]?.status;
  await clock.advance(10 * second);
  t.is(pressure(), 'True');
  await clock.advance(10 * second);
  t.is(pressure(), 'False');
  t.is(transitions.length, 1);
});

test('a crash rejects, and nothing is sent or waited for afterwards', async (t) => {
  const { client, clock, running } = await startHollowNode(t, {
    faults: [{ type: 'Crash', after: 30 * second }],
  });
  const crashed = t.throwsAsync(running, { instanceOf: CrashError });
  await clock.advance(30 * second);
  await crashed;
  const before = client.requests.length;
  await clock.advance(minute);
  t.is(client.requests.length, before);
  t.is(client.watches, 0);
  t.is(clock.pending, 0);
});

test('stopping is immediate and writes nothing', async (t) => {
  const { client, clock, controller, running } = await startHollowNode(t, {
    args: ['--turn-unhealthy-after', '--healthy-duration=40s'],
  });
  const before = client.requests.length;
  controller.abort();
  await t.notThrowsAsync(running);
  await clock.advance(minute);
  t.is(client.requests.length, before);
  t.is(clock.pending, 0);
  t.is(client.watches, 0);
});

test('a status that somebody else changed is put right within the update frequency', async (t) => {
  const { client, clock, transitions } = await startHollowNode(t);
  await clock.advance(25 * second);
  const conditions = [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }];
  await client.patch(nodes, { namespace: '', name: 'n1' }, { status: { conditions } });
  await clock.advance(0);
  t.deepEqual(transitions, [
    [0, 'True'],
    [25, 'Unknown'],
    [25, 'True'],
  ]);
});

test('a server that always alters the status is not argued with in a loop', async (t) => {
  const { client, clock } = await startHollowNode(t);
  const conditions = [{ type: 'Ready', status: 'Unknown' }];
  const alter = async (): Promise<void> => {
    await client.patch(nodes, { namespace: '', name: 'n1' }, { status: { conditions } });
  };
  let isAltering = false;
  client.after = async ({ verb, resource }) => {
    if (verb !== 'patch' || resource !== 'nodes' || isAltering) return;
    isAltering = true;
    await alter();
    isAltering = false;
  };
  await alter();
  client.requests.length = 0;
  await clock.advance(10 * minute);
  const patches = requestsOf(client).filter((request) => request === 'patch nodes').length / 2;
  t.true(patches <= 61, `${patches}`);
});

test('a lease that vanished is created again while the node exists', async (t) => {
  const { client, clock } = await startHollowNode(t);
  await client.delete(leases, { namespace: 'kube-node-lease', name: 'n1' });
  await clock.advance(20 * second);
  t.is(client.all(leases).length, 1);
});
