import test from 'ava';
import type { Pod } from '#api/core.ts';
import { pods } from '#api/core.ts';
import { outage, refuse, requestsOf, startHollowNode } from '#test/helpers/hollow-node.ts';

const second = 1000;
const minute = 60 * second;

const pod = (name: string): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name },
  spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
});

const podKey = (name: string) => ({ namespace: 'default', name });

test('Pods run with addresses of their own, for two writes in their life', async (t) => {
  const { client, clock } = await startHollowNode(t);
  await client.create(pods, pod('a'));
  await client.create(pods, pod('b'));
  await clock.advance(1);
  const [a, b] = client.all(pods);
  t.is(a?.status?.phase, 'Running');
  t.is(b?.status?.phase, 'Running');
  t.is(a?.status?.hostIP, '192.0.2.7');
  t.truthy(a?.status?.podIP);
  t.not(a?.status?.podIP, b?.status?.podIP);
  client.requests.length = 0;
  await client.delete(pods, podKey('a'));
  await clock.advance(minute);
  t.deepEqual(
    client.all(pods).map(({ metadata }) => metadata.name),
    ['b'],
  );
  const handshake = client.requests.filter(({ resource }) => resource === 'pods');
  t.deepEqual(
    handshake.map(({ verb, subresource }) => `${verb} ${subresource}`),
    ['delete ', 'patch status', 'delete '],
  );
  t.deepEqual(handshake[2]?.body, {
    gracePeriodSeconds: 0,
    preconditions: { uid: a?.metadata.uid },
  });
});

test('while NotReady no Pod starts and none finishes', async (t) => {
  const { client, clock } = await startHollowNode(t, {
    args: ['--turn-unhealthy-periodically', '--unhealthy-duration=20s', '--healthy-duration=40s'],
  });
  await client.create(pods, pod('old'));
  await clock.advance(41 * second);
  await client.create(pods, pod('new'));
  await client.create(pods, pod('brief'));
  await client.delete(pods, podKey('old'));
  await client.delete(pods, podKey('brief'));
  await clock.advance(18 * second);
  t.is(client.all(pods).length, 3);
  t.is(client.all(pods).find(({ metadata }) => metadata.name === 'new')?.status?.phase, undefined);
  await clock.advance(1 * second);
  t.deepEqual(
    client.all(pods).map(({ metadata, status }) => [metadata.name, status?.phase]),
    [['new', 'Running']],
  );
});

test('a Pod whose writes fail gets there in the end, without a hot loop', async (t) => {
  const { client, clock } = await startHollowNode(t);
  client.before = ({ verb, resource }) => {
    if (resource === 'pods' && (verb === 'patch' || verb === 'delete'))
      refuse(500, 'InternalError');
  };
  await client.create(pods, pod('a'));
  client.requests.length = 0;
  await clock.advance(10 * minute);
  t.true(client.requests.length < 400, `${client.requests.length}`);
  client.before = () => {};
  await clock.advance(10 * second);
  t.is(client.all(pods)[0]?.status?.phase, 'Running');
  await client.delete(pods, podKey('a'));
  await clock.advance(10 * second);
  t.deepEqual(client.all(pods), []);
});

test('a Pod with a finalizer is deleted once and then waited for', async (t) => {
  const { client, clock } = await startHollowNode(t);
  const { metadata, ...rest } = pod('a');
  await client.create(pods, { ...rest, metadata: { ...metadata, finalizers: ['example.com/x'] } });
  await clock.advance(1);
  await client.delete(pods, podKey('a'));
  await clock.advance(minute);
  t.is(client.all(pods).length, 1);
  t.is(requestsOf(client).filter((request) => request === 'delete pods').length, 2);
});

test('Pods that were deleted during an outage are forgotten, new ones are found', async (t) => {
  const { client, clock } = await startHollowNode(t);
  await client.create(pods, pod('a'));
  await clock.advance(1);
  client.before = outage;
  client.dropWatches();
  await clock.advance(5 * second);
  client.before = () => {};
  await client.delete(pods, podKey('a'), { gracePeriodSeconds: 0 });
  await client.create(pods, pod('b'));
  await clock.advance(10 * second);
  t.deepEqual(
    client.all(pods).map(({ metadata, status }) => [metadata.name, status?.phase]),
    [['b', 'Running']],
  );
});
