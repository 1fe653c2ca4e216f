import test from 'ava';
import { nodes, pods, type Node } from '#api/core.ts';
import { machineAnnotation, staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines, type MachineSpec } from '#api/machine/v1beta1/machine.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { machineGroup, machinesOfGroup } from '#test/helpers/machine-group.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

const key = { namespace: 'default', name: 'worker' };
const dedicated = { key: 'dedicated', value: 'gpu', effect: 'NoSchedule' };

/** The Node of the machine `worker`, once it is as `isAsWanted` says. */
function nodeOnce(story: Story, isAsWanted: (node: Node) => boolean): Promise<Node> {
  return story.eventually('the Node is as the machine wants it', async () => {
    const machine = await story.machine('worker');
    const node = await story.node(machine?.status?.nodeRef?.name ?? 'none');
    return node !== undefined && isAsWanted(node) && node;
  });
}

async function change(story: Story, spec: object): Promise<void> {
  await story.client.patch(machines, key, { spec });
}

const hasTaint = ({ spec }: Node, { key: name, value }: typeof dedicated): boolean =>
  spec?.taints?.some((taint) => taint.key === name && taint.value === value) ?? false;

/** A Node that somebody else runs. */
function foreignNode(name: string, address: string, providerID?: string): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { own: 'yes' } },
    spec: { ...(providerID !== undefined && { providerID }) },
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}

test('Machine and Node name each other', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const { metadata, spec } = await nodeOnce(story, (node) => {
    return node.metadata.annotations?.[machineAnnotation(machinesOfGroup)] === 'default/worker';
  });
  const machine = await story.machine('worker');
  t.deepEqual(machine?.status?.nodeRef, { kind: 'Node', name: metadata.name!, uid: metadata.uid! });
  t.is(machine?.spec?.providerID, spec?.providerID);
});

test('labels, annotations and taints follow the machine to its Node and away from it', async (t) => {
  const story = await startStory(t);
  const { spec, ...machine } = newMachine('worker');
  const given: MachineSpec = {
    metadata: { labels: { pool: 'gpu' }, annotations: { note: 'x' } },
    taints: [dedicated],
  };
  await story.create({ ...machine, spec: { ...spec, ...given } });
  const isGiven = (node: Node): boolean =>
    node.metadata.labels?.['pool'] === 'gpu' && hasTaint(node, dedicated);
  const node = await nodeOnce(story, isGiven);
  t.is(node.metadata.annotations?.['note'], 'x');

  const another = { ...dedicated, value: 'cpu' };
  await change(story, { metadata: { labels: { pool: 'cpu' } }, taints: [another] });
  await nodeOnce(story, (changed) => {
    return changed.metadata.labels?.['pool'] === 'cpu' && hasTaint(changed, another);
  });

  await story.client.patch(
    nodes,
    { namespace: '', name: node.metadata.name! },
    {
      metadata: { labels: { pool: null } },
    },
  );
  await nodeOnce(story, (restored) => restored.metadata.labels?.['pool'] === 'cpu');

  await change(story, { metadata: null, taints: null });
  const last = await nodeOnce(story, (bare) => {
    return !('pool' in (bare.metadata.labels ?? {})) && !hasTaint(bare, another);
  });
  t.false('note' in (last.metadata.annotations ?? {}));
  t.is(last.metadata.labels?.['kubernetes.io/hostname'], node.metadata.name);
});

test('a Node without provider ID is linked by its address, and goes with the machine', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { image: 'example.com/old-kubemark:v1.11' } }));
  const pod = await story.eventually('the Pod has an address', async () => {
    const [found] = await story.hollowPods();
    return found?.status?.podIP !== undefined && found;
  });
  const name = pod.metadata.name ?? '';
  const podKey = { namespace: pod.metadata.namespace ?? '', name };
  await story.client.create(nodes, foreignNode(name, pod.status?.podIP ?? ''));
  await story.eventually(
    'the Node is linked',
    async () => (await story.machine('worker'))?.status?.nodeRef,
  );
  await story.advance(2); // so long a Node waits for the news that its Pod runs, which this one never does
  const node = await story.runningNode('worker');
  t.is(node.spec?.providerID, undefined);

  await story.client.delete(machines, key);
  await ifFound(story.client.delete(pods, podKey, { gracePeriodSeconds: 0 })); // no kubelet knows it
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.is(await story.node(name), undefined);
});

test('two Nodes of one address are linked with nobody until one is gone', async (t) => {
  const story = await startStory(t);
  const annotations = { [staticMachineAnnotation]: 'one' };
  await story.client.create(nodes, foreignNode('one', '192.0.2.1'));
  await story.client.create(nodes, foreignNode('two', '192.0.2.1'));
  await story.create(newMachine('worker', { annotations }));
  const told = await story.eventually('it is told', async () => {
    const events = await story.events('one');
    return events.find(({ reason }) => reason === 'AmbiguousMachine');
  });
  t.is(told.message, 'Machine default/worker fits 2 Nodes (one, two): none is linked');
  t.is((await story.machine('worker'))?.status?.nodeRef, undefined);

  await story.client.delete(nodes, { namespace: '', name: 'two' });
  t.is((await story.runningNode('worker')).metadata.name, 'one');
});

test('a static machine that goes takes along what it gave to the Node, and nothing else', async (t) => {
  const story = await startStory(t);
  const foreign = foreignNode('minikube', '192.0.2.1', 'minikube://m01');
  const { metadata } = await story.client.create(nodes, foreign);
  const annotations = { [staticMachineAnnotation]: 'minikube' };
  const { spec, ...machine } = newMachine('worker', { annotations });
  await story.create({ ...machine, spec: { ...spec, metadata: { labels: { pool: 'gpu' } } } });
  await nodeOnce(story, (node) => node.metadata.labels?.['pool'] === 'gpu');

  await story.client.delete(machines, key);
  const node = await story.eventually('the Node is as it was', async () => {
    const found = await story.node('minikube');
    return !('pool' in (found?.metadata.labels ?? {})) && found;
  });
  t.is(node.metadata.uid, metadata.uid);
  t.deepEqual(node.metadata.labels, metadata.labels);
  const names = Object.keys(node.metadata.annotations ?? {});
  t.deepEqual(
    names.filter((name) => name.startsWith(`${machineGroup}/`)),
    [],
  );
});

test('a label that no Node can have is told and does not keep machine and Node apart', async (t) => {
  const story = await startStory(t);
  const { spec, ...machine } = newMachine('worker');
  await story.create({ ...machine, spec: { ...spec, metadata: { labels: { 'a b': 'c' } } } });
  await story.runningNode('worker');
  const told = await story.eventually('it is told', async () => {
    const events = await story.events('worker');
    return events.find(({ reason }) => reason === 'InvalidNodeMetadata');
  });
  t.regex(told.message ?? '', /a b/);
});
