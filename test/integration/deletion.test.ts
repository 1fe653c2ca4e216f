import test from 'ava';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

async function remove(story: Story, name: string): Promise<void> {
  await story.client.delete(machines, { namespace: 'default', name });
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
  story.cluster.server.onRequest(({ verb, resource, name, subresource }) => {
    if (verb === 'delete' && resource !== 'leases') order.push(`${resource} ${name}`);
    if (verb === 'patch' && resource === 'machines' && !subresource) order.push('finalizer');
  });
  await remove(story, 'worker');
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is(await present(story, 'worker', metadata.name ?? ''), '');
  const steps = order.filter((step, index) => order.indexOf(step) === index);
  t.deepEqual(steps, [
    'machines worker',
    `pods ${metadata.name}`,
    `nodes ${metadata.name}`,
    'finalizer',
  ]);
});

test('Pod and Node stay for the deletionTimeout, exactly', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { deletionTimeout: '20s' } }));
  const { metadata } = await story.runningNode('worker');
  await remove(story, 'worker');
  await story.eventually('the machine is Deleting', async () => {
    return (await story.machine('worker'))?.status?.phase === 'Deleting';
  });
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
  await remove(story, 'worker');
  await story.eventually('the machine is Deleting', async () => {
    return (await story.machine('worker'))?.status?.phase === 'Deleting';
  });
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
  const kind = { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false };
  await story.client.delete(kind, { namespace: '', name });
  await story.client.create(kind, {
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
  const { nodes, pods } = await import('#api/core.ts');
  await story.client.delete(pods, { namespace: 'kubemark-actuator', name });
  await story.eventually('the Pod is gone', async () => !(await story.pod(name)));
  await story.client.delete(nodes, { namespace: '', name });
  await remove(story, 'worker');
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.pass();
});
