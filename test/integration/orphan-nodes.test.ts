import test from 'ava';
import { leases, nodes, pods } from '#api/core.ts';
import { machines as clusterMachines } from '#api/cluster/v1alpha1/machine.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { MachineGroupName } from '#api/machine-groups.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { timestamp } from '#api/timestamp.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';
import { nodeWith, type NodeOverrides } from '#test/helpers/nodes.ts';
import { newMachine, readyCondition, startStory, type Story } from '#test/helpers/story.ts';

const gracePeriod = 10;
const flags = { 'orphan-node-grace-period': gracePeriod * 1000 };

/** A Node of which the control plane has not heard for so many seconds. */
async function create(
  story: Story,
  name: string,
  seconds = 0,
  overrides: NodeOverrides = {},
): Promise<void> {
  const since = story.clock.now() - seconds * 1000;
  await story.client.create(nodes, nodeWith(name, { status: 'Unknown', since }, overrides));
}

function startManager({ cluster }: Story): void {
  cluster.run((signal) => cluster.createManager(undefined, flags).run(signal));
}

/** As somebody does who cannot wait for a manager. */
async function deleteByForce(story: Story, name: string): Promise<void> {
  const key = { namespace: 'default', name };
  await story.client.patch(machines, key, { metadata: { finalizers: null } });
  await ifFound(story.client.delete(machines, key));
  await story.eventually('the machine is gone', async () => !(await story.machine(name)));
}

async function isGone(story: Story, name: string): Promise<boolean> {
  return (await story.node(name)) === undefined;
}

test('what a machine leaves that was deleted by force goes: Pod, Node and Lease', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager(undefined, flags).run(first.signal);
  for (const name of ['worker', 'stays']) await story.create(newMachine(name));
  const { metadata } = await story.runningNode('worker');
  const { name = '' } = metadata;
  const other = await story.runningNode('stays');
  first.abort(); // or it would keep the machine until its Node is gone
  await running;
  await deleteByForce(story, 'worker');
  startManager(story);
  await story.eventually('the Pod is gone', async () => !(await story.pod(name)));
  for (let second = 0; second < 120 && !(await isGone(story, name)); second++) {
    await story.advance(1);
  }
  t.is(await story.node(name), undefined);
  const lease = { namespace: 'kube-node-lease', name };
  await story.eventually('its Lease is gone', async () => {
    await story.advance(1);
    return (await ifFound(story.client.get(leases, lease))) === undefined;
  });
  t.is((await story.node(other.metadata.name ?? ''))?.metadata.uid, other.metadata.uid);
  const told = await story.eventually('it is told', async () => {
    return (await story.events(name)).find(({ reason }) => reason === 'OrphanNodeDeleted');
  });
  t.regex(told.message ?? '', /it has no Machine and no Pod, and is silent since 2/);
});

test('a Node is not deleted before the grace period ends', async (t) => {
  const story = await startStory(t, { manager: false });
  startManager(story);
  await create(story, 'ghost');
  await story.advance(gracePeriod - 3);
  t.false(await isGone(story, 'ghost'));
  await story.advance(4);
  await story.eventually('it is gone', () => isGone(story, 'ghost'));
});

test('a Node that has been silent since before the start of the manager goes at its start', async (t) => {
  const story = await startStory(t, { manager: false });
  await create(story, 'ghost', 60);
  startManager(story);
  await story.eventually('it is gone', () => isGone(story, 'ghost'));
  t.pass();
});

test('a Node that is not ours, or has a Machine or a Pod, stays, and is not looked at again', async (t) => {
  const story = await startStory(t, { manager: false });
  await create(story, 'cloud', 60, { providerID: 'aws:///us-east-1a/i-0123' });
  await create(story, 'bare', 60, { providerID: '' });
  await create(story, 'odd', 60, { providerID: 'kubemark://another' });
  await create(story, 'capk', 60, { annotations: { 'cluster.x-k8s.io/machine': 'capk' } });
  await create(story, 'pet', 60);
  await story.create(newMachine('pet', { annotations: { [staticMachineAnnotation]: 'pet' } }));
  await create(story, 'elsewhere', 60);
  const container = { name: 'hollow', image: 'example.com/no-such-kubemark' };
  const pod = { namespace: 'default', name: 'elsewhere' };
  const spec = { containers: [container] };
  await story.client.create(pods, { apiVersion: 'v1', kind: 'Pod', metadata: pod, spec });
  await create(story, 'ghost', 60);

  startManager(story);
  await story.eventually('the ghost is gone', () => isGone(story, 'ghost'));
  await story.advance(gracePeriod);
  const asked: string[] = [];
  story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    const isOfInterest = ['nodes', 'pods'].includes(resource) && verb !== 'watch';
    if (isOfInterest && userAgent.startsWith('manager')) asked.push(`${verb} ${resource}`);
  });
  await story.advance(60);
  t.deepEqual(asked, []);
  for (const name of ['cloud', 'bare', 'odd', 'capk', 'pet', 'elsewhere']) {
    t.false(await isGone(story, name), name);
  }
  await story.client.delete(machines, { namespace: 'default', name: 'pet' });
  await story.eventually('without its machine the pet is a ghost', () => isGone(story, 'pet'));
});

test('Machines of another group keep their Nodes, too', async (t) => {
  const story = await startStory(t, { manager: false });
  for (const name of ['pet', 'ghost']) await create(story, name, 60);
  const annotations = { [staticMachineAnnotation]: 'pet' };
  const { spec = {}, metadata } = newMachine('pet', { annotations });
  await story.client.create(clusterMachines, {
    apiVersion: apiVersionOf(clusterMachines),
    kind: clusterMachines.kind,
    metadata,
    spec,
  });
  const groups: MachineGroupName[] = ['machine.openshift.io', 'cluster.k8s.io'];
  const manager = story.cluster.createManager(undefined, {
    ...flags,
    'machine-api-groups': groups,
  });
  story.cluster.run((signal) => manager.run(signal));
  await story.eventually('the ghost is gone', () => isGone(story, 'ghost'));
  await story.advance(3);
  t.false(await isGone(story, 'pet'));
});

test('a Node that is heard of at the last moment stays', async (t) => {
  const story = await startStory(t, { manager: false });
  startManager(story);
  await create(story, 'ghost', 60);
  await story.eventually('the manager works', () => isGone(story, 'ghost'));
  await story.advance(1); // its cache may still have the ghost, and be asked once more
  let looks = 0;
  story.cluster.server.faults.add({
    userAgent: 'manager',
    verb: 'list',
    resource: 'pods',
    latency: 3_000,
  });
  story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    if (userAgent.startsWith('manager') && verb === 'list' && resource === 'pods') looks += 1;
  });
  await create(story, 'sleeper', 60);
  await story.advance(1);
  t.is(looks, 0, 'it waits for the answer');
  const now = timestamp(story.clock.now());
  const times = { lastHeartbeatTime: now, lastTransitionTime: now };
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', message: '', ...times };
  const key = { namespace: '', name: 'sleeper' };
  await story.client.patch(
    nodes,
    key,
    { status: { conditions: [ready] } },
    { subresource: 'status' },
  );
  await story.advance(3);
  await story.eventually('it has looked', async () => looks > 0);
  await story.advance(1);
  t.is(readyCondition(await story.node('sleeper'))?.status, 'True');
});

test('a manager that is killed as it deletes a Node deletes no other', async (t) => {
  const story = await startStory(t, { manager: false });
  for (const name of ['one', 'two']) await create(story, name, 60);
  await create(story, 'awake', 60, { annotations: { 'cluster.x-k8s.io/machine': 'awake' } });
  const client = new MortalClient(story.cluster.newClient('manager'), 1);
  // Nobody waits for a process that was killed; what it still tries reaches nobody.
  void story.cluster
    .createManager(client, flags)
    .run(client.life.signal)
    .catch(() => {});
  await story.eventually('the manager dies', async () => client.life.signal.aborted);
  startManager(story);
  await story.eventually('both are gone', async () => {
    return (await isGone(story, 'one')) && (await isGone(story, 'two'));
  });
  t.false(await isGone(story, 'awake'));
});
