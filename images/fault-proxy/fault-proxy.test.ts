import test, { type ExecutionContext } from 'ava';
import { nodes, type Node } from '#api/core.ts';
import type { Fault } from '#api/faults/decode.ts';
import { timestamp } from '#api/timestamp.ts';
import { plainConfig } from '#runtime/client/cluster-config.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { startFaultProxy } from './fault-proxy.ts';
import { eventually, newNode, readyPatch, startProxied } from './testing/proxied.ts';

const second = 1000;
const status = '/api/v1/nodes/n1/status';
const lease = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';

type Proxied = Awaited<ReturnType<typeof startProxied>>;

async function isReady({ condition }: Proxied, expected: string): Promise<void> {
  await eventually(async () => (await condition())?.status === expected);
}

async function join(t: ExecutionContext, proxied: Proxied): Promise<void> {
  const { code } = await proxied.kubelet.post('/api/v1/nodes', newNode(proxied.clock));
  t.is(code, 201);
}

/** Moves time on, slowly enough for sockets, until there is an answer. */
async function answered<T>(clock: FakeClock, answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  void answer.finally(() => stop.abort()).catch(() => {}); // given to who waits for it
  while (!stop.signal.aborted) {
    await realClock.sleep(20);
    if (!stop.signal.aborted) await clock.advance(second / 2);
  }
  return answer;
}

test('without a fault everything passes, streams too', async (t) => {
  const proxied = await startProxied(t);
  const { kubelet, clock, requests } = proxied;
  const watch = await kubelet.watch('/api/v1/nodes?watch=true&resourceVersion=0');
  await join(t, proxied);
  const event = await watch.next();
  t.is(event?.type, 'ADDED');
  const before = requests.length;
  const { code, body } = await kubelet.patch(
    status,
    readyPatch({ message: 'fine' }),
    'strategic-merge-patch',
  );
  t.is(code, 200);
  t.is(body.kind, 'Node');
  t.is((await kubelet.get('/api/v1/nodes/nobody')).code, 404);
  t.is((await kubelet.get('/version')).code, 200);
  await clock.advance(60 * second);
  t.deepEqual(requests.slice(before), ['patch nodes/status 200', 'get nodes 404']);
});

test('a node is NotReady on schedule, whatever the kubelet says, and its transitions are when they are', async (t) => {
  const proxied = await startProxied(t, {
    type: 'NotReady',
    after: 40 * second,
    duration: 5 * second,
    period: 45 * second,
  });
  const { kubelet, clock, condition } = proxied;
  const start = clock.now();
  const at = (seconds: number): string => timestamp(start + seconds * second);
  await join(t, proxied);
  await clock.advance(40 * second);
  await isReady(proxied, 'False');
  t.like(await condition(), {
    reason: 'KubeletNotReady',
    message: 'container runtime is down',
    lastTransitionTime: at(40),
  });
  await clock.advance(3 * second);
  const patch = readyPatch({
    status: 'True',
    reason: 'KubeletReady',
    message: 'still posting',
    lastHeartbeatTime: at(43),
    lastTransitionTime: at(43),
  });
  t.is((await kubelet.patch(status, patch, 'strategic-merge-patch')).code, 200);
  t.like(await condition(), {
    status: 'False',
    lastTransitionTime: at(40),
    lastHeartbeatTime: at(43),
  });
  await clock.advance(2 * second);
  await isReady(proxied, 'True');
  t.like(await condition(), { message: 'still posting', lastTransitionTime: at(45) });
  // The kubelet has read the Node before that, and believes that it has just become Ready.
  await clock.advance(1 * second);
  const late = readyPatch({ status: 'True', lastTransitionTime: at(46) });
  await kubelet.patch(status, late, 'strategic-merge-patch');
  t.is((await condition())?.lastTransitionTime, at(45));
  await clock.advance(39 * second);
  await isReady(proxied, 'False');
  t.is((await condition())?.lastTransitionTime, at(85));
});

test('a kubelet that is not well is not made Ready by the end of a fault', async (t) => {
  const proxied = await startProxied(t, {
    type: 'NotReady',
    after: 5 * second,
    duration: 5 * second,
  });
  const { kubelet, clock, condition } = proxied;
  const reason = { reason: 'KubeletNotReady', message: 'PLEG is not healthy' };
  await kubelet.post('/api/v1/nodes', newNode(clock, { status: 'False', ...reason }));
  await clock.advance(5 * second);
  await eventually(async () => (await condition())?.message === 'container runtime is down');
  await clock.advance(5 * second);
  await eventually(async () => (await condition())?.message === 'PLEG is not healthy');
  t.is((await condition())?.status, 'False');
});

test('what somebody else writes over a fault is put right at once', async (t) => {
  const proxied = await startProxied(t, { type: 'NotReady', after: 0 });
  const { client, condition } = proxied;
  await join(t, proxied);
  const conditions = [
    { type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', message: '' },
  ];
  await client.patch(
    nodes,
    { namespace: '', name: 'n1' },
    { status: { conditions } },
    { subresource: 'status', type: 'strategic' },
  );
  await eventually(async () => (await condition())?.reason === 'KubeletNotReady');
  t.is((await condition())?.status, 'False');
});

test('a proxy that comes late, and hears nothing, gives back what was there', async (t) => {
  const fault: Fault = { type: 'NotReady', after: 5 * second, duration: 2 * second };
  const proxied = await startProxied(t, fault);
  const { client, clock, condition } = proxied;
  const registered: Node = newNode(clock);
  await client.create(nodes, registered);
  await clock.advance(5 * second);
  await isReady(proxied, 'False');
  await clock.advance(2 * second);
  await isReady(proxied, 'True');
  t.like(await condition(), { reason: 'KubeletReady' });
});

test('a transition time without a status moves nothing', async (t) => {
  const proxied = await startProxied(t);
  const { kubelet, condition } = proxied;
  await join(t, proxied);
  const before = await condition();
  const patch = readyPatch({ lastTransitionTime: '2031-01-01T00:00:00Z', message: 'new' });
  await kubelet.patch(status, patch, 'strategic-merge-patch');
  t.deepEqual(await condition(), { ...before, type: 'Ready', status: 'True', message: 'new' });
});

test('a patch that is no JSON, and one of another Node, are between the kubelet and the API server', async (t) => {
  const proxied = await startProxied(t, { type: 'NotReady', after: 5 * second });
  const { kubelet, client, clock, proxy } = proxied;
  await join(t, proxied);
  const answer = await fetch(`${proxy.url}${status}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: '{',
  });
  t.is(answer.status, 400);
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n2' } });
  const patch = readyPatch({ status: 'Unknown', reason: 'Mine', message: '' });
  await kubelet.patch('/api/v1/nodes/n2/status', patch, 'strategic-merge-patch');
  await clock.advance(5 * second);
  await isReady(proxied, 'False');
  const other = await client.get(nodes, { namespace: '', name: 'n2' });
  t.is(other.status?.conditions?.[0]?.reason, 'Mine');
});

test('a write that fails is repeated, a conflict too', async (t) => {
  const fault: Fault = { type: 'NotReady', after: 5 * second };
  const proxied = await startProxied(t, fault);
  const { server, clock, condition } = proxied;
  await join(t, proxied);
  server.faults.add({ verb: 'patch', resource: 'nodes', conflict: true, times: 2 });
  await clock.advance(5 * second);
  await eventually(async () => {
    await clock.advance(second);
    return (await condition())?.status === 'False';
  });
  t.pass();
});

test('a Node is created as faults want it, with the wrong provider ID', async (t) => {
  const proxied = await startProxied(
    t,
    { type: 'NotReady', after: 0, duration: 10 * second },
    { type: 'WrongProviderID', after: 0, providerID: 'aws:///i-1' },
    { type: 'Condition', after: 5 * second, condition: { type: 'KernelDeadlock' } },
  );
  const { clock, node, condition, requests } = proxied;
  await join(t, proxied);
  const created = await node();
  t.is(created?.spec?.providerID, 'aws:///i-1');
  t.deepEqual(
    created?.status?.conditions?.map((one) => `${one.type}=${one.status}`),
    [
      'MemoryPressure=False',
      'DiskPressure=False',
      'PIDPressure=False',
      'KernelDeadlock=False',
      'Ready=False',
    ],
  );
  t.false(requests.includes('patch nodes/status 200'));
  await clock.advance(5 * second);
  await eventually(async () => (await condition('KernelDeadlock'))?.status === 'True');
  await clock.advance(5 * second);
  await isReady(proxied, 'True');
});

test('an unreachable node has no connection; then all is as the kubelet last said, at once', async (t) => {
  const proxied = await startProxied(t, {
    type: 'Unreachable',
    after: 10 * second,
    duration: 60 * second,
  });
  const { kubelet, clock, client, requests } = proxied;
  await join(t, proxied);
  const watch = await kubelet.watch('/api/v1/pods?watch=true&resourceVersion=0');
  const broken = t.throwsAsync(watch.next());
  await clock.advance(10 * second);
  await broken;
  await t.throwsAsync(kubelet.get('/api/v1/nodes/n1'));
  const unknown = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({
    type,
    status: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: timestamp(clock.now()),
  }));
  await client.patch(
    nodes,
    { namespace: '', name: 'n1' },
    { status: { conditions: unknown } },
    { subresource: 'status', type: 'strategic' },
  );
  await clock.advance(59 * second);
  t.is(requests.filter((request) => request.startsWith('patch')).length, 1);
  await clock.advance(1 * second);
  await isReady(proxied, 'True');
  const conditions = (await proxied.node())?.status?.conditions ?? [];
  t.deepEqual(
    conditions.map((one) => one.reason),
    [
      'KubeletHasSufficientMemory',
      'KubeletHasNoDiskPressure',
      'KubeletHasSufficientPID',
      'KubeletReady',
    ],
  );
  t.is((await kubelet.get('/api/v1/nodes/n1')).code, 200);
});

test('a late node waits for its answers, and joins when it is time', async (t) => {
  const proxied = await startProxied(t, { type: 'LateJoin', after: 0, duration: 30 * second });
  const { kubelet, clock, requests, node } = proxied;
  const before = requests.length;
  const answers = Promise.all([
    kubelet.get('/api/v1/services'),
    kubelet.post('/api/v1/nodes', newNode(clock)),
  ]);
  await clock.advance(29 * second);
  t.is(requests.length, before);
  await clock.advance(1 * second);
  t.deepEqual(
    (await answers).map(({ code }) => code),
    [200, 201],
  );
  t.truthy(await node());
});

for (const [freezesPods, expected] of [
  [true, []],
  [false, ['delete pods 200']],
] as const) {
  test(`with freezesPods ${freezesPods}, a NotReady node does ${freezesPods ? 'not ' : ''}finish its Pods`, async (t) => {
    const proxied = await startProxied(t, {
      type: 'NotReady',
      after: 0,
      duration: 9 * second,
      freezesPods,
    });
    const { kubelet, clock, requests } = proxied;
    await join(t, proxied);
    const pod = {
      metadata: { name: 'p1' },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] },
    };
    t.is((await kubelet.post('/api/v1/namespaces/default/pods', pod)).code, 201);
    const answer = kubelet.delete('/api/v1/namespaces/default/pods/p1', { gracePeriodSeconds: 0 });
    if (!freezesPods) t.is((await answer).code, 200);
    await clock.advance(8 * second);
    t.deepEqual(
      requests.filter((request) => request.startsWith('delete')),
      [...expected],
    );
    await clock.advance(1 * second);
    t.is((await answer).code, 200);
  });
}

test('a slow heartbeat reaches the server as late as it should', async (t) => {
  const proxied = await startProxied(t, {
    type: 'SlowHeartbeat',
    after: 0,
    duration: 60 * second,
    delay: 15 * second,
  });
  const { kubelet, clock, requests } = proxied;
  const start = clock.now();
  const renewed: number[] = [];
  proxied.server.onRequest(({ verb, resource }) => {
    if (verb === 'update' && resource === 'leases') renewed.push((clock.now() - start) / second);
  });
  const created = { metadata: { name: 'n1' }, spec: { holderIdentity: 'n1' } };
  let { body } = await kubelet.post(lease, created);
  for (let due = 10; due <= 70; due += 10) {
    await clock.advance(start + due * second - clock.now());
    const answer = await answered(clock, kubelet.put(`${lease}/n1`, body));
    t.is(answer.code, 200);
    body = answer.body; // a kubelet's next renewal is of the version it knows
  }
  t.deepEqual(
    renewed.map((time) => Math.round(time)),
    [25, 50, 60, 70],
  );
  t.false(requests.some((request) => request.endsWith('409')));
});

test('requests wait, and a share of them fails', async (t) => {
  const slow = await startProxied(t, {
    type: 'APILatency',
    after: 0,
    delay: 2 * second,
    percent: 51,
  });
  const start = slow.clock.now();
  t.is((await answered(slow.clock, slow.kubelet.get('/api/v1/services'))).code, 200);
  const waited = (slow.clock.now() - start) / second;
  t.true(waited >= 2 && waited < 4, `${waited} s`);

  const failing = await startProxied(t, { type: 'APIErrors', after: 0, code: 503, percent: 51 });
  const { code, body } = await failing.kubelet.get('/api/v1/services');
  t.is(code, 503);
  t.is(body.kind, 'Status');
  const passing = await startProxied(t, { type: 'APIErrors', after: 0, code: 503, percent: 50 });
  t.is((await passing.kubelet.get('/api/v1/services')).code, 200);
});

test('many kubelets share a proxy: each has its own faults, and a URL of its own', async (t) => {
  const proxied = await startProxied(t, { type: 'NotReady', after: 20 * second });
  const { kubelet, clock, client } = proxied;
  await join(t, proxied);
  await clock.advance(10 * second);
  const other = { ...newNode(clock), metadata: { name: 'n2' } };
  t.is((await kubelet.post('/node/n2/api/v1/nodes', other)).code, 201);
  const key = { namespace: '', name: 'n2' };
  const isOtherReady = async (): Promise<boolean> =>
    (await client.get(nodes, key)).status?.conditions?.at(-1)?.status === 'True';
  await clock.advance(10 * second);
  await isReady(proxied, 'False');
  t.true(await isOtherReady());
  await clock.advance(10 * second);
  await eventually(async () => !(await isOtherReady()));
  t.is((await kubelet.get('/node/n2/api/v1/nodes/n2')).code, 200);
});

test('where no node is named, every URL must name one', async (t) => {
  const controller = new AbortController();
  const proxy = await startFaultProxy({
    host: '127.0.0.1',
    port: 0,
    faultsOf: () => [],
    config: plainConfig('http://127.0.0.1:1'),
    clock: new FakeClock(),
    log: silentLogger,
    signal: controller.signal,
  });
  const { status: code } = await fetch(`${proxy.url}/api/v1/nodes`);
  t.is(code, 404);
  controller.abort();
  await proxy.ended;
});
