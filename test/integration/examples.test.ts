import test from 'ava';
import { nodes, podDisruptionBudgets, pods, type PodDisruptionBudget } from '#api/core.ts';
import { apiVersionOf, type Kind } from '#api/kind.ts';
import { machineDeployments } from '#api/machine/v1beta1/machine-deployment.ts';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import { machineSets, type MachineSetStatus } from '#api/machine/v1beta1/machine-set.ts';
import { replicaSets } from '#local/controllers/objects/kinds.ts';
import { readObjects, type FileObject } from '#local/objects.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { kindOf, originalObjects } from '#test/helpers/original.ts';
import { nodeWith } from '#test/helpers/nodes.ts';
import { readyCondition, startStory, type Story } from '#test/helpers/story.ts';

/** Waits while time passes. */
function inTime<T>(
  story: Story,
  what: string,
  check: () => Promise<T | undefined | false>,
): Promise<T> {
  return story.eventually(what, async () => {
    await story.advance(1);
    return check();
  });
}

function setStatus(story: Story, name: string, namespace: string): Promise<MachineSetStatus> {
  return story.client.get(machineSets, { namespace, name }).then(({ status = {} }) => status);
}

function allReady(story: Story, name: string, replicas: number, namespace: string): Promise<true> {
  return inTime(story, `${replicas} machines of ${name} are Ready`, async () => {
    const status = await setStatus(story, name, namespace);
    return status.replicas === replicas && (status.readyReplicas ?? 0) === replicas;
  });
}

/** Kubernetes before 1.21 has them in v1beta1 only. */
async function budgetsOf({ cluster }: Story): Promise<Kind<PodDisruptionBudget>> {
  const { minor } = await cluster.client.getPath<{ minor: string }>('/version');
  const version = Number.parseInt(minor) < 21 ? 'v1beta1' : 'v1';
  return { ...podDisruptionBudgets, version };
}

/** The objects of a folder, as this API server knows them. */
async function objectsFor(story: Story, folder: string): Promise<FileObject[]> {
  const budgets = await budgetsOf(story);
  return (await readObjects([folder])).map(({ object, source }) => {
    const isBudget = object.kind === budgets.kind;
    return { source, object: isBudget ? { ...object, apiVersion: apiVersionOf(budgets) } : object };
  });
}

test("the original's examples work as they stand", async (t) => {
  const story = await startStory(t);
  await story.client.create(nodes, {
    ...nodeWith('minikube', { status: 'False', since: story.clock.now() }, { providerID: '' }),
    status: { addresses: [{ type: 'InternalIP', address: '192.0.2.9' }] },
  });
  await story.cluster.apply(originalObjects.map((object) => ({ object, source: object.kind })));

  const flapping = await story.runningNode('kubemark-actuator-testing-machine');
  t.is(flapping.status?.capacity?.['cpu'], '2');
  await inTime(story, 'it is NotReady', async () => {
    const node = await story.node(flapping.metadata.name ?? '');
    return readyCondition(node)?.status === 'False';
  });
  await inTime(story, 'it is Ready again', async () => {
    const node = await story.node(flapping.metadata.name ?? '');
    return readyCondition(node)?.status === 'True';
  });
  const groups = ['2a', '2b', '2c'].map((group) => `kubemark-scale-group-${group}`);
  const testing = 'kubemark-actuator-testing-machineset';
  const sets = [testing, ...['red', 'green', 'blue'].map((color) => `${testing}-${color}`)];
  for (const name of sets) await allReady(story, name, 1, 'kube-system');
  for (const name of groups) await allReady(story, name, 0, 'kube-system');
  const fixed = await story.runningNode('minikube-static-machine', 'kube-system');
  t.is(fixed.metadata.name, 'minikube');

  const key = { namespace: 'kube-system', name: groups[0] ?? '' };
  const patch = { spec: { replicas: 2 } };
  await story.client.patch(machineSets, key, patch, { subresource: 'scale' });
  await allReady(story, key.name, 2, key.namespace);
  const workers = await story.client.list(nodes, {
    labelSelector: 'node-role.kubernetes.io/worker=',
  });
  t.is(workers.items.length, sets.length + 2);

  for (const object of originalObjects) {
    const { namespace = '', name = '' } = object.metadata;
    await story.client.delete(kindOf(object), { namespace, name });
  }
  await inTime(story, 'nothing is left', async () => {
    const left = [...(await story.hollowPods()), ...(await story.hollowNodes())];
    return left.length === 0;
  });
  t.is((await story.node('minikube'))?.metadata.uid, fixed.metadata.uid);
});

test('our examples show what they promise', async (t) => {
  const story = await startStory(t);
  await story.cluster.apply(await objectsFor(story, 'examples/stack'));
  t.teardown(async () => {
    for (const kind of [replicaSets, await budgetsOf(story)]) {
      await ifFound(story.client.delete(kind, { namespace: 'default', name: 'tenants' }));
    }
  });
  await allReady(story, 'workers', 3, 'default');
  for (const color of ['red', 'green', 'blue']) {
    await allReady(story, color, 1, 'default');
    const { items } = await story.client.list(nodes, { labelSelector: `color=${color}` });
    t.is(items.length, 1);
    const taint = items[0]?.spec?.taints?.find(({ key }) => key === 'color');
    t.like(taint, { value: color, effect: 'NoSchedule' });
  }
  await allReady(story, 'scale-group', 0, 'default');
  await inTime(story, 'the deployment is complete', async () => {
    const key = { namespace: 'default', name: 'web' };
    return (await story.client.get(machineDeployments, key)).status?.availableReplicas === 10;
  });
  await inTime(story, 'the health check sees its machines', async () => {
    const key = { namespace: 'default', name: 'sickly' };
    return (await story.client.get(machineHealthChecks, key)).status?.expectedMachines === 5;
  });
  await inTime(story, 'the missing Node is told', async () => {
    const { status } = (await story.machine('static')) ?? {};
    return status?.errorMessage === 'The Node "minikube" of this static machine does not exist';
  });
  const workers = { labelSelector: 'node-role.kubernetes.io/worker=' };
  const names = new Set(
    (await story.client.list(nodes, workers)).items.map(({ metadata }) => metadata.name),
  );
  await inTime(story, 'the tenants run on the workers', async () => {
    const { items } = await story.client.list(pods, { labelSelector: 'app=tenants' });
    const running = items.filter(({ status }) => status?.phase === 'Running');
    return running.length === 20 && running.every(({ spec }) => names.has(spec?.nodeName));
  });
});
