import { randomUUID } from 'node:crypto';
import test from 'ava';
import { namespaces, nodes, pods } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { serviceAccountName } from '#controller/hollow-pod/pod.ts';
import { newMachine, podNamespace, startStory, type Story } from '#test/helpers/story.ts';

const machineKey = { namespace: 'default', name: 'worker' };

interface Explanation {
  reason?: string;
  message?: string;
}

function explanationOf(machine: Machine | undefined): Explanation {
  return machine?.status?.providerStatus ?? {};
}

/** The machine as soon as its status gives the reason; '': none. */
function explained(story: Story, reason: string): Promise<Machine> {
  return story.eventually(`the reason is "${reason}"`, async () => {
    const machine = await story.machine('worker');
    return (explanationOf(machine).reason ?? '') === reason && machine;
  });
}

/** How often events with the reason were recorded, as soon as there are any. */
async function occurrences(story: Story, reason: string): Promise<number> {
  const counts = await story.eventually(`an event ${reason}`, async () => {
    const found = (await story.events('worker')).filter((event) => event.reason === reason);
    return found.length > 0 && found.map(({ count = 0 }) => count);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

const serviceAccounts: Kind = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};

test('a missing namespace for the Pods is told once; when it is there, machines proceed', async (t) => {
  const story = await startStory(t, { manager: false });
  const namespace = `pods-${randomUUID().slice(0, 8)}`;
  const flags = { 'pod-namespace': namespace };
  // Not the manager's usual rights: no role can be in a namespace that is not there.
  const client = story.cluster.newClient('almighty');
  story.cluster.run((signal) => story.cluster.createManager(client, flags).run(signal));
  await story.create(newMachine('worker'));
  const machine = await explained(story, 'FailedCreate');
  t.is(machine.status?.phase, 'Provisioning');
  t.is(
    explanationOf(machine).message,
    `the namespace ${namespace} of the hollow-node Pods (the manager's --pod-namespace) does not exist`,
  );
  await story.advance(1);
  t.is(await occurrences(story, 'FailedCreate'), 1);

  await story.client.create(namespaces, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace },
  });
  await story.client.create(serviceAccounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { namespace, name: serviceAccountName },
  });
  await story.advance(3);
  await story.runningNode('worker');
  t.deepEqual(explanationOf(await explained(story, '')).message, undefined);
  await story.client.delete(machines, machineKey);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
});

test('a healthy machine has nothing to explain', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  await explained(story, '');
  await story.advance(2);
  t.deepEqual(
    (await story.events('worker')).map(({ reason }) => reason),
    ['Created'],
  );
});

test('a Node that comes back is told', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  const name = (await story.runningNode('worker')).metadata.name ?? '';
  await story.client.delete(nodes, { namespace: '', name });
  await explained(story, 'NodeLost');
  await story.client.delete(pods, { namespace: podNamespace, name });
  await explained(story, '');
  t.is(await occurrences(story, 'NodeRegistered'), 1);
  t.is(await occurrences(story, 'NodeLost'), 1);
});

test('a deletion says what it waits for: the timeout, the Pod, the Node', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { deletionTimeout: '2s' } }));
  const name = (await story.runningNode('worker')).metadata.name ?? '';
  const finalizers = ['example.com/hold'];
  const hold = { metadata: { finalizers } };
  const release = { metadata: { finalizers: [] } };
  const podKey = { namespace: podNamespace, name };
  const nodeKey = { namespace: '', name };
  await story.client.patch(pods, podKey, hold);
  await story.client.patch(nodes, nodeKey, hold);

  await story.client.delete(machines, machineKey);
  const delayed = explanationOf(await explained(story, 'DeletionDelayed'));
  t.regex(delayed.message ?? '', /^Pod and Node stay until .+Z, for the deletionTimeout of 2s$/);
  await story.advance(3);
  const held = `${name} is being deleted, held by example.com/hold`;
  const waitingForPod = explanationOf(await explained(story, 'WaitingForPod'));
  t.is(waitingForPod.message, `Pod ${podNamespace}/${held}`);
  await story.client.patch(pods, podKey, release);
  const waitingForNode = explanationOf(await explained(story, 'WaitingForNode'));
  t.is(waitingForNode.message, `Node ${held}`);
  await story.client.patch(nodes, nodeKey, release);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
  t.deepEqual(
    (await story.events('worker')).filter(({ type }) => type === 'Warning'),
    [],
  );
});

test('a deletion that the API server refuses is told once, and goes on later', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  story.cluster.server.faults.add({
    userAgent: 'manager',
    verb: 'delete',
    resource: 'pods',
    error: { code: 403, reason: 'Forbidden', message: 'not yours' },
    times: 4,
  });
  await story.client.delete(machines, machineKey);
  t.is(explanationOf(await explained(story, 'FailedDelete')).message, 'not yours');
  t.is(await occurrences(story, 'FailedDelete'), 1);
  await story.advance(1);
  await story.eventually('the machine is gone', async () => !(await story.machine('worker')));
});

test('a manager restarted without --hollow-node-image leaves running machines alone', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager().run(first.signal);
  await story.create(newMachine('worker'));
  const name = (await story.runningNode('worker')).metadata.name ?? '';
  const before = await story.pod(name);
  first.abort();
  await running;

  const flags = { 'hollow-node-image': '' };
  story.cluster.run((signal) => story.cluster.createManager(undefined, flags).run(signal));
  await story.create(newMachine('new'));
  await story.eventually('a new machine fails', async () => {
    return (await story.machine('new'))?.status?.phase === 'Failed';
  });
  const machine = await story.machine('worker');
  t.is(machine?.status?.phase, 'Running');
  t.is(machine?.status?.errorMessage, undefined);
  t.is((await story.pod(name))?.metadata.uid, before?.metadata.uid);

  await story.client.delete(pods, { namespace: podNamespace, name });
  const failed = await explained(story, 'InvalidConfiguration');
  t.regex(failed.status?.errorMessage ?? '', /image: nothing found/);
});
