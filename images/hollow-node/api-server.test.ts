/** The hollow node over HTTP, against the rules of an API server rather than those of a test. */
import type { ExecutionContext } from 'ava';
import test from 'ava';
import type { Pod } from '#api/core.ts';
import { leases, nodes, pods } from '#api/core.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { connect } from '#runtime/testing/http-peer.ts';
import { startApiServer } from '#test/helpers/api-server.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import { runHollowNode } from './hollow-node.ts';
import { hollowNodeOptions } from './options.ts';

async function startNode(t: ExecutionContext, ...args: string[]) {
  const { server, url } = await startApiServer(t);
  const client = connect(t, url);
  const requests: string[] = [];
  server.onRequest(({ verb, resource, subresource, code }) => {
    requests.push(`${verb} ${resource}${subresource && `/${subresource}`} ${code}`);
  });
  const controller = new AbortController();
  const running = runHollowNode({
    options: hollowNodeOptions(kubemarkFlags('--name=n1', ...args)),
    client: connect(t, url, { userAgent: 'hollow-kubelet' }),
    clock: realClock,
    log: silentLogger,
    signal: controller.signal,
    address: '192.0.2.7',
  });
  t.teardown(async () => {
    controller.abort();
    await running;
  });
  await eventually(async () => (await client.list(leases)).items.length === 1);
  return { server, client, requests };
}

async function eventually(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await realClock.sleep(10);
}

const key = { namespace: 'default', name: 'p1' };

const newPod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: key,
  spec: {
    nodeName: 'n1',
    initContainers: [{ name: 'setup', image: 'example.com/setup' }],
    containers: [{ name: 'main', image: 'example.com/main' }],
  },
};

test('registration and lease are one write each, and the server accepts all of it', async (t) => {
  const { client, requests } = await startNode(t, '--extended-resources=example.com/gpu=8');
  t.deepEqual(
    requests.filter((request) => /^(?:create|update|patch)/.test(request)),
    ['create nodes 201', 'create leases 201'],
  );
  const node = await client.get(nodes, { namespace: '', name: 'n1' });
  t.is(node.status?.allocatable?.['example.com/gpu'], '8');
  t.deepEqual(
    node.status?.conditions?.map(({ type, status }) => `${type}=${status}`),
    ['MemoryPressure=False', 'DiskPressure=False', 'PIDPressure=False', 'Ready=True'],
  );
});

test('a change keeps the order of the conditions', async (t) => {
  const { client } = await startNode(t, '--turn-unhealthy-after', '--healthy-duration=200ms');
  const node = () => client.get(nodes, { namespace: '', name: 'n1' });
  await eventually(async () => (await node()).status?.conditions?.at(-1)?.status === 'False');
  const { status } = await node();
  t.deepEqual(
    status?.conditions?.map(({ type }) => type),
    ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'],
  );
});

test('a Pod runs, and its graceful deletion is finished by the node', async (t) => {
  const { client, requests } = await startNode(t);
  await client.create(pods, newPod);
  await eventually(async () => (await client.get(pods, key)).status?.phase === 'Running');
  const { status } = await client.get(pods, key);
  t.like(status, { hostIP: '192.0.2.7', containerStatuses: { 0: { ready: true } } });
  t.deepEqual(
    status?.conditions?.map(({ type, status: value }) => `${type}=${value}`),
    ['Initialized=True', 'Ready=True', 'ContainersReady=True', 'PodScheduled=True'],
  );
  await client.delete(pods, key);
  await eventually(async () => (await ifFound(client.get(pods, key))) === undefined);
  t.is(requests.filter((request) => request === 'patch pods/status 200').length, 2);
  t.is(requests.filter((request) => request === 'delete pods 200').length, 2);
});

test('lost answers, conflicts and broken watches change nothing of the outcome', async (t) => {
  const { server, client } = await startNode(t);
  server.faults.add({ resource: 'pods', verb: 'patch', dropConnection: 'after', times: 1 });
  server.faults.add({ resource: 'pods', verb: 'patch', conflict: true, times: 1 });
  server.faults.add({
    userAgent: 'hollow-kubelet',
    resource: 'pods',
    verb: 'delete',
    dropConnection: 'after',
    times: 1,
  });
  server.faults.dropWatches();
  await client.create(pods, newPod);
  await eventually(async () => (await client.get(pods, key)).status?.phase === 'Running');
  server.compact();
  server.faults.dropWatches();
  await client.delete(pods, key);
  await eventually(async () => (await ifFound(client.get(pods, key))) === undefined);
  t.pass();
});
