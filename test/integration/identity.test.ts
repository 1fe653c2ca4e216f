import test from 'ava';
import { namespaces, pods } from '#api/core.ts';
import { machineAnnotation, machineUIDLabel } from '#api/machine/v1beta1/labels.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { hollowNodeName } from '#controller/hollow-pod/names.ts';
import { machinesOfGroup } from '#test/helpers/machine-group.ts';
import { newMachine, podNamespace, startStory } from '#test/helpers/story.ts';

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
  t.deepEqual(
    (await story.hollowPods()).map(({ metadata }) => metadata.name),
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

test('a manifest copied from another machine does not bring its provider ID along', async (t) => {
  const story = await startStory(t);
  const { spec, ...copy } = newMachine('worker');
  await story.create({ ...copy, spec: { ...spec, providerID: 'kubemark://worker-00000000' } });
  const node = await story.runningNode('worker');
  t.is((await story.machine('worker'))?.spec?.providerID, node.spec?.providerID);
  const events = await story.eventually('the change is told', async () => {
    const found = (await story.events('worker')).filter(
      ({ reason }) => reason === 'ProviderIDReplaced',
    );
    return found.length > 0 && found;
  });
  t.like(events[0], { type: 'Warning', count: 1 });
});

test('a foreign Pod of the same name is told and left alone', async (t) => {
  const story = await startStory(t, { manager: false });
  const { metadata } = await story.create(newMachine('worker'));
  const name = hollowNodeName({ name: 'worker', uid: metadata.uid ?? '' });
  await story.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: podNamespace },
    spec: { containers: [{ name: 'foreign', image: 'example.com/foreign' }] },
  });
  story.cluster.startManager();
  const message = new RegExp(`there is another Pod kubemark-actuator/${name}, without the label`);
  await story.eventually('status and event tell it', async () => {
    const machine = await story.machine('worker');
    const events = await story.events('worker');
    return (
      message.test(JSON.stringify(machine?.status)) &&
      events.some((event) => event.type === 'Warning' && message.test(event.message ?? ''))
    );
  });
  await story.client.delete(machines, { namespace: 'default', name: 'worker' });
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is((await story.pod(name))?.spec?.containers[0]?.name, 'foreign');
});

test('a manager of one namespace asks for no machine of another', async (t) => {
  const story = await startStory(t, { manager: false });
  const flags = { namespace: 'default' };
  story.cluster.run((signal) => story.cluster.createManager(undefined, flags).run(signal));
  const asked: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource, namespace }) => {
    if (userAgent.startsWith('manager') && namespace === 'other') asked.push(`${verb} ${resource}`);
  });
  await story.client.create(pods, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'worker-00000000',
      namespace: podNamespace,
      labels: { [machineUIDLabel]: '00000000' },
      annotations: { [machineAnnotation(machinesOfGroup)]: 'other/worker' },
    },
    spec: { containers: [{ name: 'hollow', image: 'example.com/hollow' }] },
  });
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  t.deepEqual(asked, []);
  t.not(await story.pod('worker-00000000'), undefined);
});
