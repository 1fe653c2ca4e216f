import test from 'ava';
import { nodes, pods } from '#api/core.ts';
import { excludeDrainAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { replicaSets } from '#local/controllers/objects/kinds.ts';
import { podNamespace, readyCondition, startStory, type Story } from '#test/helpers/story.ts';
import { startPodOn, tenantMachine, tenantPod, Tenants } from '#test/helpers/tenants.ts';

const key = { namespace: 'default', name: 'worker' };

async function remove(story: Story): Promise<void> {
  await story.client.delete(machines, key);
}

function condition(machine: Machine | undefined, type = 'Drained'): Condition | undefined {
  return machine?.status?.conditions?.find((found) => found.type === type);
}

/** Lets time pass, `seconds` at most, until the machine is gone; returns how many it took. */
async function secondsUntilGone(story: Story, seconds: number): Promise<number> {
  for (let passed = 0; passed <= seconds; passed++) {
    if ((await story.machine('worker')) === undefined) return passed;
    await story.advance(1);
  }
  throw new Error(`the machine is there after ${seconds} s`);
}

/** The messages of the events with a reason; each must have been told once. */
async function told(story: Story, reason: string): Promise<string[]> {
  const found = (await story.events('worker')).filter((event) => event.reason === reason);
  return found.map(({ count, message }) => (count === 1 ? `${message}` : `${count} × ${message}`));
}

/** The Node `worker` of a machine that takes tenants, and that of a second machine. */
async function startTwo(story: Story): Promise<[string, string]> {
  await story.create(tenantMachine('worker'));
  await story.create(tenantMachine('other'));
  const [node, other] = [await story.runningNode('worker'), await story.runningNode('other')];
  return [node.metadata.name ?? '', other.metadata.name ?? ''];
}

test('a machine goes when its 10 of 20 Pods have moved one by one, as their budget allows', async (t) => {
  const story = await startStory(t);
  const [nodeName, otherName] = await startTwo(story);
  const tenants = new Tenants(t, story);
  await tenants.start({ replicas: 20 });
  await tenants.limit({ maxUnavailable: 1 });
  const fewest = await tenants.startCounting(t);
  const count = (await tenants.podsOn(nodeName)).length;
  t.true(count >= 5, `${count} Pods on the Node`);

  const stop = new AbortController();
  t.teardown(() => stop.abort());
  let wasCordoned = false;
  const watch = await story.watchNodes(({ metadata, spec }) => {
    if (metadata.name === nodeName && spec?.unschedulable === true) wasCordoned = true;
  }, stop.signal);
  await remove(story);
  const seconds = await secondsUntilGone(story, 60);
  t.log(`${count} Pods, gone after ${seconds} s`);
  t.is(await story.node(nodeName), undefined);
  t.true(wasCordoned);
  t.is((await story.node(otherName))?.spec?.unschedulable, undefined);
  await tenants.allReady(20);
  t.is((await tenants.podsOn(otherName)).length, 20);
  t.is(fewest(), 19);
  t.deepEqual(await told(story, 'DrainProceeds'), [`Evicting ${count} Pods from Node ${nodeName}`]);
  t.deepEqual(await told(story, 'DrainSucceeded'), [`Evicted ${count} Pods from Node ${nodeName}`]);
  t.deepEqual(await told(story, 'DrainBlocked'), []);
  stop.abort();
  await watch.ended;
});

test('a budget that lets nobody go is told, once, and asked seldom; when it is gone the drain goes on', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const tenants = new Tenants(t, story);
  await tenants.start({ replicas: 3 });
  await tenants.limit({ maxUnavailable: 0 });
  let evictions = 0;
  story.cluster.server.onRequest(({ subresource }) => {
    if (subresource === 'eviction') evictions += 1;
  });
  await remove(story);
  await story.advance(15);
  const machine = await story.machine('worker');
  const message = '3 of 3 Pods left, blocked by PodDisruptionBudget web-pdb';
  t.like(condition(machine), { status: 'False', reason: 'DrainBlocked', message });
  t.like(machine?.status?.providerStatus, { reason: 'DrainBlocked', message });
  t.deepEqual(await told(story, 'DrainBlocked'), [message]);
  t.is((await tenants.podsOn(metadata.name ?? '')).length, 3);
  t.true(evictions >= 10 && evictions <= 18, `${evictions} evictions`);

  await tenants.liftBudget();
  await story.client.delete(replicaSets, { namespace: 'default', name: 'web' });
  await secondsUntilGone(story, 10);
  t.pass();
});

test('hooks hold the drain, then the end of the instance', async (t) => {
  const story = await startStory(t);
  const machine = tenantMachine('worker');
  const preDrain = [{ name: 'backup', owner: 'storage' }];
  const preTerminate = [{ name: 'quorum', owner: 'etcd' }];
  await story.create({
    ...machine,
    spec: { ...machine.spec, lifecycleHooks: { preDrain, preTerminate } },
  });
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  await startPodOn(story, nodeName, 'tenant');
  await remove(story);
  const heldDrain = 'preDrain hooks hold the drain: backup (storage)';
  await story.eventually('the drain is held', async () => {
    return (await told(story, 'DrainBlocked'))[0] === heldDrain;
  });
  await story.advance(3);
  t.not(await tenantPod(story, 'tenant'), undefined);
  t.is((await story.node(nodeName))?.spec?.unschedulable, undefined);
  const before = await story.machine('worker');
  t.like(condition(before, 'Drainable'), { status: 'False', reason: 'HookPresent' });
  t.like(condition(before, 'Terminable'), { status: 'False', reason: 'HookPresent' });
  t.is(condition(before), undefined);

  await story.client.patch(machines, key, { spec: { lifecycleHooks: { preDrain: null } } });
  await story.eventually('the Pod is gone', async () => !(await tenantPod(story, 'tenant')));
  await story.advance(3);
  const drained = await story.machine('worker');
  t.like(condition(drained), { status: 'True', reason: 'DrainSucceeded' });
  t.is(condition(drained, 'Drainable')?.status, 'True');
  t.like(drained?.status?.providerStatus, { reason: 'WaitingForHooks' });
  t.is((await story.pod(nodeName))?.metadata.deletionTimestamp, undefined);
  t.not(await story.node(nodeName), undefined);

  await story.client.patch(machines, key, { spec: { lifecycleHooks: null } });
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.deepEqual(await told(story, 'DrainBlocked'), [heldDrain]);
  t.is((await told(story, 'TerminationBlocked')).length, 1);
});

test('a machine without Pods pays for the cordon, and waits for nothing', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker'));
  await story.runningNode('worker');
  await story.advance(2);
  const requests: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource, subresource }) => {
    const isOurs = userAgent.startsWith('manager') && resource !== 'events' && verb !== 'watch';
    if (isOurs) requests.push([verb, resource, subresource].filter(Boolean).join(' '));
  });
  await remove(story);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  // A request is told of when it is answered, which may be after others have seen what it did.
  await story.eventually('the last request', async () => requests.includes('patch machines'));
  // The status follows the Pod's, so that it may be written twice.
  t.deepEqual(
    [...new Set(requests)],
    [
      'patch nodes',
      'list pods',
      'delete pods',
      'patch machines status',
      'get pods',
      'delete nodes',
      'patch machines',
    ],
  );
});

test('Pods of an unreachable Node get a second to end, and are not waited for', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker'));
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  await startPodOn(story, nodeName, 'tenant');
  story.cluster.server.faults.add({ userAgent: 'hollow-kubelet', dropConnection: 'before' });
  story.cluster.server.faults.dropWatches({ userAgent: 'hollow-kubelet' });
  await story.advance(46);
  await story.eventually('the Node is unreachable', async () => {
    return readyCondition(await story.node(nodeName))?.status === 'Unknown';
  });
  await remove(story);
  await story.eventually('the Pod is evicted', async () => {
    const pod = await tenantPod(story, 'tenant');
    return pod?.metadata.deletionGracePeriodSeconds === 1;
  });
  t.true((await secondsUntilGone(story, 5)) >= 1);
  t.is(await story.node(nodeName), undefined);
  t.deepEqual(await told(story, 'DrainSucceeded'), [
    `Evicted 1 Pod from Node ${nodeName}; not waited for: 1 that nobody ends`,
  ]);
});

test('Pods of a Node that is NotReady have their time to end, and no more', async (t) => {
  const story = await startStory(t);
  const config = { turnUnhealthyAfter: true, healthyDuration: '5s' };
  await story.create(tenantMachine('worker', { config }));
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  await startPodOn(story, nodeName, 'tenant', { terminationGracePeriodSeconds: 8 });
  await story.advance(6);
  await story.eventually('the Node is NotReady', async () => {
    return readyCondition(await story.node(nodeName))?.status === 'False';
  });
  await remove(story);
  await story.advance(7);
  t.is((await tenantPod(story, 'tenant'))?.metadata.deletionGracePeriodSeconds, 8);
  t.not(await story.node(nodeName), undefined);
  await secondsUntilGone(story, 8);
});

test('a refusal keeps no worker, whatever the API server asks for', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker'));
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  await startPodOn(story, nodeName, 'tenant');
  const error = { code: 429, reason: 'TooManyRequests', message: 'slowly', retryAfterSeconds: 60 };
  story.cluster.server.faults.add({ subresource: 'eviction', error, times: 1 });
  const start = performance.now();
  await remove(story);
  await story.eventually('the refusal is told', async () => {
    const { message } = condition(await story.machine('worker')) ?? {};
    return message === '1 of 1 Pods left, eviction of default/tenant refused: slowly';
  });
  t.true(performance.now() - start < 30_000);
  await secondsUntilGone(story, 5);
});

for (const [what, request] of [
  ['the cordon', { verb: 'patch', resource: 'nodes' }],
  ['a look at the Pods', { verb: 'list', resource: 'pods' }],
] as const) {
  test(`${what} that the API server refuses is told once, and tried again`, async (t) => {
    const story = await startStory(t);
    await story.create(tenantMachine('worker'));
    const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
    await startPodOn(story, nodeName, 'tenant');
    await story.quiet();
    const error = { code: 403, reason: 'Forbidden', message: 'not yours' };
    const { faults } = story.cluster.server;
    const allow = faults.add({ userAgent: 'manager', ...request, error });
    await remove(story);
    await story.eventually('it is told', async () => {
      return (await told(story, 'FailedDelete'))[0] === 'not yours';
    });
    await story.advance(1);
    t.is((await tenantPod(story, 'tenant'))?.metadata.deletionTimestamp, undefined);
    t.deepEqual(await told(story, 'FailedDelete'), ['not yours']);
    allow();
    await secondsUntilGone(story, 10);
  });
}

test('when the instance is lost, its Node is not waited for until it is known to be unreachable', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker', { config: { instanceLossPolicy: 'Fail' } }));
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  await startPodOn(story, nodeName, 'tenant');
  await story.client.delete(pods, { namespace: podNamespace, name: nodeName });
  await story.eventually('the instance is lost', async () => {
    return (await story.machine('worker'))?.status?.phase === 'Failed';
  });
  await remove(story);
  t.true((await secondsUntilGone(story, 5)) <= 5);
});

test('a machine whose Node is gone is not drained', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker'));
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  await story.client.delete(nodes, { namespace: '', name: nodeName });
  await story.eventually('it is told', async () => (await told(story, 'NodeLost')).length > 0);
  await remove(story);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.deepEqual(await told(story, 'DrainProceeds'), []);
});

for (const [what, metadata, status] of [
  ['the annotation that excludes it', { annotations: { [excludeDrainAnnotation]: '' } }, undefined],
  [
    'the condition Drained of another controller',
    undefined,
    { conditions: [{ type: 'Drained', status: 'True' }] },
  ],
] as const) {
  test(`nothing is evicted from a machine with ${what}`, async (t) => {
    const story = await startStory(t);
    await story.create(tenantMachine('worker'));
    const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
    await startPodOn(story, nodeName, 'tenant');
    if (metadata) await story.client.patch(machines, key, { metadata });
    if (status) await story.client.patch(machines, key, { status }, { subresource: 'status' });
    let evictions = 0;
    story.cluster.server.onRequest(({ subresource }) => {
      if (subresource === 'eviction') evictions += 1;
    });
    await remove(story);
    await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
    t.is(evictions, 0);
    t.is((await told(story, 'DrainSkipped')).length, metadata ? 1 : 0);
  });
}

test('Pods that come back whatever happens do not keep the machine', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker'));
  await story.runningNode('worker');
  const tenants = new Tenants(t, story);
  await tenants.start({ replicas: 2, tolerations: [{ operator: 'Exists' }] });
  await story.advance(1.5); // the times of creation and deletion have whole seconds
  await remove(story);
  t.true((await secondsUntilGone(story, 10)) <= 10);
  const [message = ''] = await told(story, 'DrainSucceeded');
  // Those that have just come back; or, on a slow machine, are about to go.
  t.regex(
    message,
    /^Evicted [23] Pods .+; not waited for: [12] (that tolerate the cordon|finished)/,
  );
});

test('the deletionTimeout begins when the drain has ended', async (t) => {
  const story = await startStory(t);
  await story.create(tenantMachine('worker', { config: { deletionTimeout: '10s' } }));
  const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
  const tenants = new Tenants(t, story);
  await tenants.start({ replicas: 1 });
  await tenants.limit({ maxUnavailable: 0 });
  await remove(story);
  await story.advance(5);
  t.like((await story.machine('worker'))?.status?.providerStatus, { reason: 'Draining' });
  await tenants.liftBudget();
  for (let seconds = 0; condition(await story.machine('worker'))?.status !== 'True'; seconds++) {
    t.true(seconds < 5, 'the drain does not end');
    await story.advance(1);
  }
  await story.advance(8);
  t.like((await story.machine('worker'))?.status?.providerStatus, { reason: 'DeletionDelayed' });
  t.is((await story.pod(nodeName))?.metadata.deletionTimestamp, undefined);
  const rest = await secondsUntilGone(story, 5);
  t.true(rest >= 1 && rest <= 3, `gone after ${8 + rest} s`);
});
