import test from 'ava';
import { nodes, pods, type Node } from '#api/core.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { hostNode } from '#local/host-node.ts';
import { checkKey, newCheck, told, watchDeletions } from '#test/helpers/health-checks.ts';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { nodeWith } from '#test/helpers/nodes.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

const annotations = { [staticMachineAnnotation]: 'minikube' };
const key = { namespace: 'default', name: 'static' };

/** A static machine for the node that runs programs, and a Pod that runs there. */
async function createOnHost(story: Story): Promise<Node> {
  const spec = {
    nodeName: hostNode.name,
    containers: [{ name: 'tenant', image: 'example.com/tenant' }],
  };
  const metadata = { namespace: 'default', name: 'tenant' };
  await story.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  const onHost = { [staticMachineAnnotation]: hostNode.name };
  await story.create(newMachine('static', { annotations: onHost }));
  return story.runningNode('static');
}

/** Taints that come and go with the health of the Node; a cordon is more than its taint. */
const ofControlPlane = 'node.kubernetes.io/';

/** What its kubelet, and the Pods on it, would notice. */
async function stateOf(story: Story, name: string): Promise<object> {
  const { metadata, spec } = await story.client.get(nodes, { namespace: '', name });
  const { items } = await story.client.list(pods, { namespace: 'default' });
  const tenants = items.map(({ metadata: { uid, deletionTimestamp } }) => [uid, deletionTimestamp]);
  const taints = spec?.taints?.filter((taint) => !taint.key.startsWith(ofControlPlane));
  const { uid, deletionTimestamp } = metadata;
  return { uid, deletionTimestamp, spec: { ...spec, taints }, tenants };
}

test('a static machine follows its Node and never harms it', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('static', { annotations }));
  await story.eventually('the missing Node is told', async () => {
    const found = await story.machine('static');
    return found?.status?.errorMessage?.includes('minikube');
  });
  await story.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'minikube' },
    spec: { providerID: 'minikube://m01' },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.49.2' }] },
  });
  const machine = await story.eventually('the machine is Running', async () => {
    const found = await story.machine('static');
    return found?.status?.phase === 'Running' && found;
  });
  t.is(machine.spec?.providerID, 'minikube://m01');
  t.deepEqual(machine.status?.addresses, [{ type: 'InternalIP', address: '192.168.49.2' }]);
  t.is(machine.status?.nodeRef?.name, 'minikube');
  t.is(machine.status?.errorMessage, undefined);
  t.deepEqual(await story.hollowPods(), []);

  await story.client.delete(machines, { namespace: 'default', name: 'static' });
  await story.eventually('the machine is gone', async () => !(await story.machine('static')));
  await story.advance(5);
  t.not(await story.node('minikube'), undefined);
});

test('garbage as the name of the Node stays a short message', async (t) => {
  const story = await startStory(t);
  const garbage = { [staticMachineAnnotation]: 'x'.repeat(100_000) };
  await story.create(newMachine('static', { annotations: garbage }));
  const machine = await story.eventually('it is told', async () => {
    const found = await story.machine('static');
    return found?.status?.errorMessage !== undefined && found;
  });
  t.regex(machine.status?.errorMessage ?? '', /^The Node "x{64}…" of this static machine/);
});

test('a static machine goes at once, whatever hooks, timeouts and Pods there are', async (t) => {
  const story = await startStory(t);
  const { metadata } = await createOnHost(story);
  const before = await stateOf(story, metadata.name ?? '');
  const { spec } = newMachine('any', { config: { deletionTimeout: '1h' } });
  const lifecycleHooks = { preDrain: [{ name: 'Wait', owner: 'nobody' }] };
  await story.client.patch(machines, key, { spec: { ...spec, lifecycleHooks } });
  await story.quiet();
  await story.client.delete(machines, key);
  t.is(await story.machine('static'), undefined);
  await story.advance(5);
  t.deepEqual(await stateOf(story, metadata.name ?? ''), before);
});

test('a hollow machine that was made static takes its own Node along, and not the other', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('static'));
  const own = await story.runningNode('static');
  const onHost = { [staticMachineAnnotation]: hostNode.name };
  await story.client.patch(machines, key, { metadata: { annotations: onHost } });
  const metadata = { namespace: 'default', name: 'tenant' };
  const spec = {
    nodeName: hostNode.name,
    containers: [{ name: 'tenant', image: 'example.com/tenant' }],
  };
  await story.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  await story.eventually('it refers to the other Node', async () => {
    return (await story.machine('static'))?.status?.nodeRef?.name === hostNode.name;
  });
  const before = await stateOf(story, hostNode.name);
  await story.client.delete(machines, key);
  await story.eventually('the machine is gone', async () => {
    await story.advance(1);
    return !(await story.machine('static'));
  });
  t.is(await story.node(own.metadata.name ?? ''), undefined);
  t.deepEqual(await story.hollowPods(), []);
  t.deepEqual(await stateOf(story, hostNode.name), before);
});

test('a static machine of a set stays when its Node is sick, and goes with the set without it', async (t) => {
  const story = await startStory(t);
  const set = newMachineSet('workers', { replicas: 1 });
  const template = { ...set.spec?.template };
  template.metadata = { ...template.metadata, annotations };
  const since = story.clock.now() - 3_600_000;
  const sick = nodeWith('minikube', { status: 'False', since });
  await story.client.create(nodes, sick);
  await story.client.create(machineSets, { ...set, spec: { ...set.spec!, template } });
  const machine = await story.eventually('the machine is Running', async () => {
    const { items } = await story.client.list(machines, { labelSelector: 'set=workers' });
    return items.find(({ status }) => status?.phase === 'Running');
  });
  const before = await stateOf(story, 'minikube');
  const deletions = watchDeletions(story);
  await story.client.create(machineHealthChecks, newCheck());
  await story.eventually('it is found sick', async () => {
    await story.advance(1);
    return (await told(story, machine.metadata.name ?? ''))['SkippedStaticMachine'] !== undefined;
  });
  await story.advance(10);
  t.deepEqual(deletions, []);
  await story.client.delete(machineHealthChecks, checkKey);
  await story.client.patch(
    machineSets,
    { namespace: 'default', name: 'workers' },
    { spec: { replicas: 0 } },
  );
  await story.eventually('the machine is gone', async () => {
    return !(await story.machine(machine.metadata.name ?? ''));
  });
  await story.advance(5);
  t.deepEqual(await stateOf(story, 'minikube'), before);
});

test('a Node that a static machine names stays, however silent', async (t) => {
  const story = await startStory(t, { manager: false });
  const since = story.clock.now() - 3_600_000;
  await story.client.create(nodes, nodeWith('minikube', { status: 'Unknown', since }));
  await story.create(newMachine('static', { annotations }));
  story.cluster.startManager();
  await story.runningNode('static');
  await story.advance(5);
  t.not(await story.node('minikube'), undefined);
});
