import test from 'ava';
import { nodes, pods } from '#api/core.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { newMachine, podNamespace, startStory } from '#test/helpers/story.ts';

test('a Pod deleted by hand comes back under the same name, as the same node', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const node = await story.runningNode('worker');
  const name = node.metadata.name ?? '';
  const before = await story.pod(name);
  await story.client.delete(pods, { namespace: podNamespace, name });
  const after = await story.eventually('another Pod runs', async () => {
    const pod = await story.pod(name);
    return pod?.metadata.uid !== before?.metadata.uid && pod?.status?.phase === 'Running' && pod;
  });
  t.is(after.metadata.name, name);
  t.is((await story.node(name))?.metadata.uid, node.metadata.uid);
  t.is((await story.machine('worker'))?.spec?.providerID, node.spec?.providerID);
  const events = await story.eventually('the loss is told', async () => {
    const found = (await story.events('worker')).filter(({ reason }) => reason === 'InstanceLost');
    return found.length > 0 && found;
  });
  t.like(events[0], { type: 'Warning', count: 1 });
});

test('with instanceLossPolicy Fail a lost Pod fails the machine for good', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { instanceLossPolicy: 'Fail' } }));
  const { metadata } = await story.runningNode('worker');
  await story.client.delete(pods, { namespace: podNamespace, name: metadata.name ?? '' });
  const machine = await story.eventually('the machine is Failed', async () => {
    const found = await story.machine('worker');
    return found?.status?.phase === 'Failed' && found;
  });
  t.regex(machine.status?.errorMessage ?? '', /is lost and instanceLossPolicy is Fail/);
  await story.advance(30);
  t.is(await story.pod(metadata.name ?? ''), undefined);
});

test('a Pod that failed is replaced', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const name = metadata.name ?? '';
  const key = { namespace: podNamespace, name };
  const before = await story.pod(name);
  await story.advance(5);
  await story.client.patch(
    pods,
    key,
    { status: { phase: 'Failed', reason: 'Evicted' } },
    { subresource: 'status' },
  );
  await story.eventually('another Pod runs', async () => {
    const pod = await story.pod(name);
    return pod?.metadata.uid !== before?.metadata.uid && pod?.status?.phase === 'Running';
  });
  t.pass();
});

test('why a lost Pod cannot come back stands in the status', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const error = { code: 403, reason: 'Forbidden', message: 'exceeded quota: pods' };
  story.cluster.server.faults.add({
    userAgent: 'manager',
    verb: 'create',
    resource: 'pods',
    error,
  });
  await story.client.delete(pods, { namespace: podNamespace, name: metadata.name ?? '' });
  const machine = await story.eventually('the status tells it', async () => {
    const found = await story.machine('worker');
    return JSON.stringify(found?.status).includes('exceeded quota') && found;
  });
  t.is(machine.status?.phase, 'Running');
});

test('Pods that fail at once are not replaced in a hot loop', async (t) => {
  const story = await startStory(t, { manager: false });
  const host = await story.eventually('there is a node', async () => {
    return (await story.client.list(nodes)).items[0]?.metadata.name;
  });
  const cordon = { spec: { unschedulable: true } }; // so that no kubelet says otherwise
  await story.client.patch(nodes, { namespace: '', name: host }, cordon);
  await story.quiet();
  story.cluster.startManager();
  await story.create(newMachine('worker'));
  const uids = new Set<string>();
  for (let second = 0; second < 20; second++) {
    for (const { metadata } of await story.hollowPods()) {
      uids.add(metadata.uid ?? '');
      const key = { namespace: podNamespace, name: metadata.name ?? '' };
      const failed = { status: { phase: 'Failed', reason: 'OutOfcpu' } };
      // The manager may have taken the Pod away in the meantime.
      await ifFound(story.client.patch(pods, key, failed, { subresource: 'status' }));
    }
    await story.advance(1);
  }
  t.true(uids.size >= 3 && uids.size <= 5, `${uids.size} Pods`);
});

test('a Node deleted by hand is told; the reference to it stays', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const node = await story.runningNode('worker');
  const name = node.metadata.name ?? '';
  await story.client.delete(nodes, { namespace: '', name });
  const machine = await story.eventually('the status tells it', async () => {
    const found = await story.machine('worker');
    return JSON.stringify(found?.status).includes('"NodeLost"') && found;
  });
  t.is(machine.status?.phase, 'Running');
  t.is(machine.status?.nodeRef?.uid, node.metadata.uid);
  await story.eventually('an event tells it', async () => {
    return (await story.events('worker')).some(({ reason }) => reason === 'NodeLost');
  });

  await story.client.delete(pods, { namespace: podNamespace, name });
  await story.eventually('another Node is registered', async () => {
    const found = await story.machine('worker');
    return found?.status?.nodeRef?.uid !== node.metadata.uid && found?.status?.nodeRef;
  });
  const text = JSON.stringify((await story.machine('worker'))?.status);
  t.true(text.includes('"NodeFound"') && !text.includes('"NodeLost"'));
});
