import test from 'ava';
import { namespaces } from '#api/core.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { newMachine, startStory } from '#test/helpers/story.ts';

test('two machines of one name in two namespaces are two nodes', async (t) => {
  const story = await startStory(t);
  await story.client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'other' },
  });
  await story.create(newMachine('worker'));
  await story.create(newMachine('worker', { namespace: 'other' }));
  const one = await story.runningNode('worker');
  const two = await story.runningNode('worker', 'other');
  t.not(one.metadata.name, two.metadata.name);
  t.is((await story.hollowPods()).length, 2);
});

test('names of 253 characters with dots become valid Pod and Node names', async (t) => {
  const story = await startStory(t);
  const names = [
    `${'a.'.repeat(126)}b`,
    `${'x'.repeat(54)}.${'y'.repeat(198)}`,
    `${'x'.repeat(54)}.${'y'.repeat(197)}z`,
  ];
  for (const name of names) await story.create(newMachine(name));
  const nodes = await Promise.all(names.map((name) => story.runningNode(name)));
  const nodeNames = new Set(nodes.map(({ metadata }) => metadata.name ?? ''));
  t.is(nodeNames.size, names.length);
  for (const name of nodeNames) t.regex(name, /^[a-z0-9][-a-z0-9]{0,61}[a-z0-9]$/);
});

test('a machine made again under its name at once is another node', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const first = await story.runningNode('worker');
  await story.client.delete(machines, { namespace: 'default', name: 'worker' });
  await story.eventually('the name is free', async () => {
    try {
      return await story.create(newMachine('worker'));
    } catch {
      return undefined; // still there
    }
  });
  const second = await story.runningNode('worker');
  t.not(first.metadata.name, second.metadata.name);
  const pods = await story.hollowPods();
  t.deepEqual(
    pods.map(({ metadata }) => metadata.name),
    [second.metadata.name],
  );
});

test('a Pod whose machine was removed by force goes too, also when its name is taken again', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager().run(first.signal);
  for (const name of ['gone', 'replaced']) await story.create(newMachine(name));
  await story.runningNode('gone');
  const old = await story.runningNode('replaced');
  first.abort();
  await running;
  for (const name of ['gone', 'replaced']) {
    const key = { namespace: 'default', name };
    await story.client.patch(machines, key, { metadata: { finalizers: null } });
    await story.client.delete(machines, key);
  }
  await story.create(newMachine('replaced'));
  story.cluster.startManager();
  const fresh = await story.runningNode('replaced');
  t.not(fresh.metadata.name, old.metadata.name);
  await story.eventually('only one Pod is left', async () => {
    const names = (await story.hollowPods()).map(({ metadata }) => metadata.name);
    return names.length === 1 && names[0] === fresh.metadata.name;
  });
});
