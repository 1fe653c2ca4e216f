import test from 'ava';
import { nodes } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { providerStatusOf } from '#controller/reconcilers/machine/provider-status.ts';
import { newMachine, readyCondition, startStory, type Story } from '#test/helpers/story.ts';

const key = { namespace: 'default', name: 'worker' };

const annotate = (story: Story, value: string | null) =>
  story.client.patch(machines, key, { metadata: { annotations: { [faultAnnotation]: value } } });

/** Waits, with time passing, until the node is in that state. */
async function isReady(story: Story, name: string, status: string): Promise<void> {
  await story.eventually(`Ready is ${status}`, async () => {
    await story.advance(0.5);
    return readyCondition(await story.node(name))?.status === status;
  });
}

test('a running machine fails on demand, heals, and can be asked to fail again', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  const name = metadata.name ?? '';
  await annotate(story, 'NotReady for 30s');
  await isReady(story, name, 'False');
  const { fault } = providerStatusOf((await story.machine('worker'))?.status ?? {});
  t.is(fault?.asked, 'NotReady for 30s');
  const { since = '', until = '' } = fault ?? {};
  t.is(Date.parse(until) - Date.parse(since), 30_000);
  await isReady(story, name, 'True');
  const healed = readyCondition(await story.node(name))?.lastTransitionTime ?? '';
  const late = Date.parse(healed) - Date.parse(until);
  t.true(late > -1000 && late < 3000, `${late} ms`);
  await story.eventually('nobody asks for anything any more', async () => {
    await story.advance(0.5);
    const machine = await story.machine('worker');
    const node = await story.node(name);
    return (
      machine?.metadata.annotations?.[faultAnnotation] === undefined &&
      machine?.status?.providerStatus?.['fault'] === undefined &&
      node?.metadata.annotations?.[faultAnnotation] === undefined
    );
  });
  await annotate(story, 'NotReady for 30s');
  await isReady(story, name, 'False');
  await annotate(story, null);
  await isReady(story, name, 'True');
  const said = (await story.events('worker')).filter(({ reason }) => reason?.startsWith('Fault'));
  t.deepEqual(
    said.map(({ message }) => message?.split(',', 1)[0] ?? '').toSorted(), // they are listed by name
    [
      'NotReady for 30s',
      'NotReady for 30s',
      'Over: NotReady for 30s',
      'Taken back: NotReady for 30s',
    ],
  );
});

test('a machine on its way out can still be healed, so that its drain ends', async (t) => {
  const story = await startStory(t);
  const lifecycleHooks = { preDrain: [{ name: 'Wait', owner: 'nobody' }] };
  const machine = newMachine('worker');
  await story.create({ ...machine, spec: { ...machine.spec, lifecycleHooks } });
  const { metadata } = await story.runningNode('worker');
  const name = metadata.name ?? '';
  await annotate(story, 'NotReady');
  await isReady(story, name, 'False');
  await story.client.delete(machines, key);
  await annotate(story, null);
  await isReady(story, name, 'True');
  await story.client.patch(machines, key, { spec: { lifecycleHooks: null } });
  await story.eventually('the machine is gone', async () => {
    await story.advance(0.5);
    return (await story.machine('worker')) === undefined;
  });
  t.pass();
});

test('a fault that is not understood is told, and hurts nobody', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata } = await story.runningNode('worker');
  await annotate(story, 'NotReady sometimes');
  await story.eventually('it is told', async () => {
    const said = await story.events('worker');
    return said.some(({ reason }) => reason === 'InvalidFault');
  });
  const { fault } = (await story.machine('worker'))?.status?.providerStatus ?? {};
  t.like(fault, { asked: 'NotReady sometimes' });
  await story.advance(5);
  const node = await story.client.get(nodes, { namespace: '', name: metadata.name ?? '' });
  t.is(readyCondition(node)?.status, 'True');
  t.is((await story.events('worker')).filter(({ reason }) => reason === 'InvalidFault').length, 1);
});

test('a fault that is not understood is told of a machine that has no Node, too, and can be taken back', async (t) => {
  const story = await startStory(t);
  const machine = newMachine('worker', { config: { healthyDuration: '5 sec' } });
  const annotations = { [faultAnnotation]: 'NotReady sometimes' };
  await story.create({ ...machine, metadata: { ...machine.metadata, annotations } });
  const faultOf = async () => (await story.machine('worker'))?.status?.providerStatus?.['fault'];
  await story.eventually('it is told', async () => {
    const said = await story.events('worker');
    return (await faultOf()) !== undefined && said.some(({ reason }) => reason === 'InvalidFault');
  });
  await story.eventually('the machine has failed', async () => {
    return (await story.machine('worker'))?.status?.phase === 'Failed';
  });
  t.like(await faultOf(), { asked: 'NotReady sometimes' });
  await annotate(story, null);
  await story.eventually('it is forgotten', async () => (await faultOf()) === undefined);
});

test('a fault for a kubemark without a proxy is told as a mistake, and the node is not said to fail', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { image: 'gofed/kubemark:v1.11.3-6' } }));
  const { metadata } = await story.runningNode('worker');
  await annotate(story, 'NotReady for 30s');
  await story.eventually('it is told', async () => {
    const [told] = (await story.events('worker')).filter(({ reason }) => reason === 'InvalidFault');
    return told?.message?.includes('want a machine with faultInjector "Proxy"') === true;
  });
  const node = await story.node(metadata.name ?? '');
  t.is(node?.metadata.annotations?.[faultAnnotation], undefined);
});

test('a node fails as the configuration of its machine says', async (t) => {
  const story = await startStory(t);
  const faults = [{ type: 'Condition', condition: { type: 'DiskPressure' }, after: '5s' }];
  await story.create(newMachine('worker', { config: { faults } }));
  const { metadata } = await story.runningNode('worker');
  const condition = await story.eventually('the disk is full', async () => {
    await story.advance(0.5);
    const node = await story.node(metadata.name ?? '');
    const found = node?.status?.conditions?.find(({ type }) => type === 'DiskPressure');
    return found?.status === 'True' && found;
  });
  t.is(condition.reason, 'KubeletHasDiskPressure');
});
