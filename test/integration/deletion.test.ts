import test from 'ava';
import { nodes, pods } from '#api/core.ts';
import { deletionTimeoutAnnotation, staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { newMachine, podNamespace, startStory, type Story } from '#test/helpers/story.ts';

async function remove(story: Story, name: string): Promise<void> {
  await story.client.delete(machines, { namespace: 'default', name });
}

/** Deletes a machine that has something to wait for, until the manager has taken notice. */
async function removeAndWait(story: Story, name: string): Promise<void> {
  await remove(story, name);
  await story.eventually('the machine is Deleting', async () => {
    return (await story.machine(name))?.status?.phase === 'Deleting';
  });
}

/** Which of the three are there: `Pod Node Machine`. */
async function present(story: Story, name: string, node: string): Promise<string> {
  const found = {
    Pod: await story.pod(node),
    Node: await story.node(node),
    Machine: await story.machine(name),
  };
  return Object.entries(found)
    .flatMap(([kind, object]) => (object === undefined ? [] : [kind]))
    .join(' ');
}

test('Pod, Node and Machine go, in this order', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const order: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource, name, subresource }) => {
    if (verb === 'delete' && resource !== 'leases') order.push(`${userAgent}: ${resource} ${name}`);
    if (verb === 'patch' && resource === 'machines' && !subresource) order.push('finalizer');
  });
  await remove(story, 'worker');
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is(await present(story, 'worker', metadata.name ?? ''), '');
  // A request is told of when it is answered, which may be after others have seen what it did.
  await story.eventually('the last request', async () => order.includes('finalizer'));
  const steps = order.filter((step, index) => order.indexOf(step) === index);
  t.deepEqual(steps, [
    'story: machines worker',
    `manager: pods ${metadata.name}`,
    `kubelet: pods ${metadata.name}`, // only now it is gone
    `manager: nodes ${metadata.name}`,
    'finalizer',
  ]);
  const events = await story.eventually('the end is told', async () => {
    const found = await story.events('worker');
    return found.some(({ reason }) => reason === 'Deleted') && found;
  });
  t.deepEqual(
    events.map(({ reason, message, count }) => `${reason} ${count}: ${message}`).toSorted(),
    [
      `Created 1: Created hollow node Pod ${podNamespace}/${metadata.name}`,
      `Deleted 1: Pod and Node ${metadata.name} are gone`,
      `Deleting 1: Deleting Pod ${podNamespace}/${metadata.name}`,
    ],
  );
});

test('Pod and Node stay for the deletionTimeout, exactly', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { deletionTimeout: '20s' } }));
  const { metadata } = await story.runningNode('worker');
  await removeAndWait(story, 'worker');
  await story.advance(19.5);
  t.is(await present(story, 'worker', metadata.name ?? ''), 'Pod Node Machine');
  await story.advance(0.5);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is(await present(story, 'worker', metadata.name ?? ''), '');
});

test('a restart of the manager does not change the deletionTimeout', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager().run(first.signal);
  await story.create(newMachine('worker', { config: { deletionTimeout: '20s' } }));
  const { metadata } = await story.runningNode('worker');
  await removeAndWait(story, 'worker');
  await story.advance(10);
  first.abort();
  await running;
  await story.advance(5);
  story.cluster.startManager();
  await story.advance(4.5);
  t.is(await present(story, 'worker', metadata.name ?? ''), 'Pod Node Machine');
  await story.advance(0.5);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
});

test('a machine deleted while no manager ran has waited already', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager().run(first.signal);
  await story.create(newMachine('worker', { config: { deletionTimeout: '20s' } }));
  await story.runningNode('worker');
  first.abort();
  await running;
  await remove(story, 'worker');
  await story.advance(30);
  story.cluster.startManager();
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.pass();
});

test('a Node of the same name that is not ours is left alone', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager().run(first.signal);
  await story.create(newMachine('worker'));
  const node = await story.runningNode('worker');
  const name = node.metadata.name ?? '';
  first.abort();
  await running;
  await story.client.delete(nodes, { namespace: '', name });
  await story.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    spec: { providerID: 'aws:///i-1' },
  });
  await remove(story, 'worker');
  story.cluster.startManager();
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is((await story.node(name))?.spec?.providerID, 'aws:///i-1');
});

test('a machine whose Pod and Node are gone already can be deleted', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { instanceLossPolicy: 'Fail' } }));
  const { metadata } = await story.runningNode('worker');
  const name = metadata.name ?? '';
  await story.client.delete(pods, { namespace: podNamespace, name });
  await story.eventually('the Pod is gone', async () => !(await story.pod(name)));
  await story.client.delete(nodes, { namespace: '', name });
  await remove(story, 'worker');
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.pass();
});

test('the machine stays while a finalizer of somebody else holds its Node', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const name = metadata.name ?? '';
  const key = { namespace: '', name };
  await story.client.patch(nodes, key, { metadata: { finalizers: ['example.com/busy'] } });
  await remove(story, 'worker');
  await story.eventually('the Node is being deleted', async () => {
    return (await story.node(name))?.metadata.deletionTimestamp !== undefined;
  });
  await story.advance(5);
  t.is(await present(story, 'worker', name), 'Node Machine');
  await story.client.patch(nodes, key, { metadata: { finalizers: null } });
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is(await present(story, 'worker', name), '');
});

test('the end is told once, although its write meets conflicts', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  const { server } = story.cluster;
  const onMachine = { userAgent: 'manager', resource: 'machines', subresource: '' };
  server.onRequest(({ verb, resource }) => {
    if (verb !== 'delete' || resource !== 'nodes') return;
    server.faults.add({ ...onMachine, verb: 'patch', conflict: true, times: 4 });
  });
  await remove(story, 'worker');
  await story.advance(5);
  t.is(await story.machine('worker'), undefined);
  const events = (await story.events('worker')).filter(({ reason }) => reason === 'Deleted');
  t.deepEqual(
    events.map(({ count }) => count),
    [1],
  );
});

test('who takes the finalizer off first does not matter', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const { server } = story.cluster;
  const onMachine = { userAgent: 'manager', resource: 'machines', subresource: '' };
  server.faults.add({ ...onMachine, verb: 'patch', latency: 2_000, times: 1 });
  await remove(story, 'worker');
  await story.eventually('the Node is gone', async () => !(await story.node(metadata.name ?? '')));
  const key = { namespace: 'default', name: 'worker' };
  await story.client.patch(machines, key, { metadata: { finalizers: null } });
  await story.advance(3);
  t.is(await story.machine('worker'), undefined);
  const events = (await story.events('worker')).filter(({ reason }) => reason === 'Deleted');
  t.deepEqual(
    events.map(({ count }) => count),
    [1],
  );
});

for (const [title, annotation] of [
  ['of another life', '1'],
  ['from the future', '99999999999'],
  ['with garbage', 'soon'],
] as const) {
  test(`an annotation ${title} neither shortens nor prolongs the deletionTimeout`, async (t) => {
    const story = await startStory(t);
    const annotations = { [deletionTimeoutAnnotation]: annotation };
    const config = { deletionTimeout: '20s' };
    await story.create(newMachine('worker', { annotations, config }));
    const { metadata } = await story.runningNode('worker');
    await removeAndWait(story, 'worker');
    await story.advance(19.5);
    t.is(await present(story, 'worker', metadata.name ?? ''), 'Pod Node Machine');
    await story.advance(0.5);
    await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  });
}

test('a machine that is made static later leaves nothing behind', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  await story.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'minikube' },
    spec: { providerID: 'minikube://m01' },
  });
  const key = { namespace: 'default', name: 'worker' };
  const annotations = { [staticMachineAnnotation]: 'minikube' };
  await story.client.patch(machines, key, { metadata: { annotations } });
  await story.eventually('it is that Node', async () => {
    return (await story.machine('worker'))?.spec?.providerID === 'minikube://m01';
  });
  await remove(story, 'worker');
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is(await present(story, 'worker', metadata.name ?? ''), '');
  t.not(await story.node('minikube'), undefined);
});
