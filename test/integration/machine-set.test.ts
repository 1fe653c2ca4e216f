import test from 'ava';
import { nodes } from '#api/core.ts';
import { apiVersionOf } from '#api/kind.ts';
import { deleteMachineAnnotations } from '#api/machine/v1beta1/labels.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { controllerOf } from '#runtime/owner-references.ts';
import { isReal } from '#test/helpers/backend.ts';
import { startCensus } from '#test/helpers/census.ts';
import {
  newMachineSet,
  startSetStory,
  type MachineSetOverrides,
  type SetStory,
} from '#test/helpers/machine-sets.ts';
import { machineSetsOfGroup } from '#test/helpers/machine-group.ts';
import { newMachine, readyCondition } from '#test/helpers/story.ts';

const create = async (sets: SetStory, overrides: MachineSetOverrides): Promise<void> => {
  await sets.story.client.create(machineSets, newMachineSet('workers', overrides));
};

const namesOf = async (sets: SetStory): Promise<(string | undefined)[]> =>
  (await sets.machines()).map(({ metadata }) => metadata.name);

test('a set is scaled from 0 to 100 to 5 to 0', async (t) => {
  const sets = await startSetStory(t);
  const census = await startCensus(t, sets.story);
  await create(sets, { replicas: 0 });
  await sets.atRest(0);
  for (const [replicas, deleted] of [
    [100, 0],
    [5, 95],
    [0, 100],
  ] as const) {
    await sets.scale(replicas);
    await sets.atRest(replicas);
    await sets.story.quiet();
    t.like(census, { created: { size: 100 }, deleted: { size: deleted }, most: 100 });
  }
  t.deepEqual(await sets.story.hollowNodes(), []);
  const told = await sets.story.eventually('all is told', async () => {
    const reasons = await sets.eventReasons();
    return reasons['SuccessfulDelete']?.length === 2 && reasons;
  });
  t.deepEqual(told['SuccessfulCreate'], ['Normal']);
});

test('without replicas there is one Machine', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, {});
  await sets.atRest(1);
  t.is((await sets.set())?.spec?.replicas, 1);
});

test('a set at rest leads to no request', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 5, minReadySeconds: 5 });
  await sets.story.advance(10);
  await sets.atRest(5);
  const requests: string[] = [];
  sets.story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    if (userAgent.startsWith('manager')) requests.push(`${verb} ${resource}`);
  });
  await sets.story.advance(60);
  t.deepEqual(requests, []);
});

for (const deletePolicy of ['Newest', 'Oldest'] as const) {
  test(`of Machines of three ages, the policy ${deletePolicy} leaves the right ones`, async (t) => {
    const sets = await startSetStory(t);
    await create(sets, { replicas: 0, deletePolicy });
    const ages: string[][] = [];
    for (const replicas of [2, 4, 6]) {
      await sets.scale(replicas);
      await sets.atRest(replicas);
      const known = new Set(ages.flat());
      ages.push((await namesOf(sets)).flatMap((name = '') => (known.has(name) ? [] : name)));
      await sets.story.advance(5);
    }
    await sets.scale(2);
    await sets.atRest(2);
    const kept = deletePolicy === 'Newest' ? ages[0] : ages[2];
    t.deepEqual(new Set(await namesOf(sets)), new Set(kept));
  });
}

for (const annotation of deleteMachineAnnotations) {
  test(`a Machine with the annotation ${annotation} goes first`, async (t) => {
    const sets = await startSetStory(t);
    await create(sets, { replicas: 4 });
    await sets.atRest(4);
    const [marked = '', ...others] = await namesOf(sets);
    const patch = { metadata: { annotations: { [annotation]: 'yes' } } };
    await sets.story.client.patch(machines, { namespace: 'default', name: marked }, patch);
    await sets.scale(3);
    await sets.atRest(3);
    t.deepEqual(new Set(await namesOf(sets)), new Set(others));
  });
}

test('a Machine that somebody deletes is replaced', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 3 });
  await sets.atRest(3);
  const before = await namesOf(sets);
  await sets.story.client.delete(machines, { namespace: 'default', name: before[0] ?? '' });
  const after = await sets.story.eventually('another Machine', async () => {
    const names = await namesOf(sets);
    return names.length === 3 && !names.includes(before[0]) && names;
  });
  t.is(after.filter((name) => before.includes(name)).length, 2);
  t.true(await sets.atRest(3));
});

test('Machines that match and are nobody’s are taken in, those that match no more are let go', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  await story.create(newMachine('stray', { labels: { set: 'workers' } }));
  await story.runningNode('stray');
  await create(sets, { replicas: 2 });
  await sets.atRest(2);
  const set = await sets.set();
  const owner = (await story.machine('stray'))?.metadata.ownerReferences;
  t.like(owner?.[0], { uid: set?.metadata.uid, controller: true, blockOwnerDeletion: true });

  const labels = { metadata: { labels: { set: 'others' } } };
  await story.client.patch(machines, { namespace: 'default', name: 'stray' }, labels);
  await story.eventually('the stray is let go', async () => {
    const stray = await story.machine('stray');
    return stray !== undefined && controllerOf(stray) === undefined;
  });
  await sets.atRest(2);
  t.like(await sets.eventReasons(), { Adopted: ['Normal'], Released: ['Normal'] });
});

test('the Machine of another controller is left alone', async (t) => {
  const sets = await startSetStory(t);
  const theirs = newMachine('theirs', { labels: { set: 'workers' } });
  const owner = {
    apiVersion: 'example.com/v1',
    kind: 'Fleet',
    name: 'f',
    uid: 'f',
    controller: true,
  };
  const metadata = { ...theirs.metadata, ownerReferences: [owner] };
  await sets.story.client.create(machines, { ...theirs, metadata });
  await create(sets, { replicas: 0 });
  await sets.story.advance(1);
  t.deepEqual((await sets.story.machine('theirs'))?.metadata.ownerReferences, [owner]);
  t.is((await sets.set())?.status?.replicas, 0);
});

test('a template that the selector does not match is told, makes no Machine, and can be corrected', async (t) => {
  const sets = await startSetStory(t);
  const wrong = newMachineSet('workers', { replicas: 2 });
  wrong.spec!.template.metadata = { labels: { set: 'others' } };
  await sets.story.client.create(machineSets, wrong);
  const told = await sets.story.eventually('the status tells', async () => {
    const { status } = (await sets.set()) ?? {};
    return status?.errorReason !== undefined && status;
  });
  t.like(told, { errorReason: 'InvalidConfiguration', observedGeneration: 1, replicas: 0 });
  t.regex(told.errorMessage ?? '', /`selector` does not match template `labels`/);
  await sets.story.advance(60);
  t.deepEqual((await sets.story.client.list(machines)).items, []);
  t.deepEqual(await sets.eventReasons(), { ReconcileError: ['Warning'] });

  await sets.patch({ template: { metadata: { labels: { set: 'workers' } } } });
  await sets.atRest(2);
  t.is((await sets.set())?.status?.errorReason, undefined);
});

test('a set that is made invalid still counts its Machines', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 2 });
  await sets.atRest(2);
  await sets.patch({ template: { metadata: { labels: { set: 'others' } } } });
  const status = await sets.story.eventually('the status tells', async () => {
    const { status: told } = (await sets.set()) ?? {};
    return told?.errorReason !== undefined && told;
  });
  t.like(status, { replicas: 2, fullyLabeledReplicas: 0, readyReplicas: 2, availableReplicas: 2 });
});

test('Machines that cannot be created are told, and created when they can be', async (t) => {
  const sets = await startSetStory(t);
  const { faults } = sets.story.cluster.server;
  const error = { code: 403, reason: 'Forbidden', message: 'exceeded quota' };
  faults.add({ verb: 'create', resource: 'machines', userAgent: 'manager', error });
  await create(sets, { replicas: 20 });
  await sets.story.advance(30);
  const [condition] = (await sets.set())?.status?.conditions ?? [];
  t.like(condition, { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota' });
  t.like(await sets.eventReasons(), { FailedCreate: ['Warning'] });
  faults.clear();
  await sets.story.advance(60);
  await sets.atRest(20);
  t.is((await sets.set())?.status?.conditions, undefined);
});

test('a Machine is available when its Node has been Ready for minReadySeconds, to the second', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 2, minReadySeconds: 30 });
  const counts = async (): Promise<object> => {
    const { readyReplicas, availableReplicas } = (await sets.set())?.status ?? {};
    return { readyReplicas, availableReplicas };
  };
  await sets.story.eventually('two are ready', async () => {
    return (await sets.set())?.status?.readyReplicas === 2;
  });
  const { story } = sets;
  const since = (await story.hollowNodes()).map(
    (node) => readyCondition(node)?.lastTransitionTime ?? '',
  );
  await story.advance(isReal ? 15 : 29);
  t.deepEqual(await counts(), { readyReplicas: 2, availableReplicas: 0 });
  await story.eventually('two are available', async () => {
    await story.advance(0.5);
    return (await sets.set())?.status?.availableReplicas === 2;
  });
  const last = Math.max(...since.map((time) => Date.parse(time)));
  const seconds = (story.clock.now() - last) / 1000;
  t.true(seconds >= 30 && seconds <= (isReal ? 60 : 30.5), `after ${seconds} s`);
});

test('the status follows the Nodes: one that turns NotReady, one that is deleted', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 3 });
  await sets.atRest(3);
  const ready = (count: number): Promise<boolean> =>
    sets.story.eventually(`${count} are ready`, async () => {
      return (await sets.set())?.status?.readyReplicas === count;
    });
  const [first, second] = await sets.story.hollowNodes();
  const key = { namespace: '', name: first?.metadata.name ?? '' };
  sets.story.cluster.server.faults.add({ resource: 'nodes', userAgent: 'hollow', conflict: true });
  const conditions = first?.status?.conditions?.map((condition) =>
    condition.type === 'Ready' ? { ...condition, status: 'Unknown' } : condition,
  );
  await sets.story.client.patch(nodes, key, { status: { conditions } }, { subresource: 'status' });
  t.true(await ready(2));
  await sets.story.client.delete(nodes, { namespace: '', name: second?.metadata.name ?? '' });
  t.true(await ready(1));
});

test('the scale subresource tells what an autoscaler asks for', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 2 });
  await sets.atRest(2);
  const apiVersion = apiVersionOf(machineSetsOfGroup);
  const path = `/apis/${apiVersion}/namespaces/default/machinesets/workers/scale`;
  t.like(await sets.story.cluster.client.getPath<object>(path), {
    kind: 'Scale',
    spec: { replicas: 2 },
    status: { replicas: 2, selector: 'set=workers' },
  });
});

test('the Machines of a deleted set go with it', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 3 });
  await sets.atRest(3);
  await sets.story.client.delete(machineSets, { namespace: 'default', name: 'workers' });
  await sets.story.eventually('no Machine is left', async () => {
    await sets.story.advance(1);
    return (await sets.machines()).length === 0;
  });
  t.deepEqual(await sets.story.hollowNodes(), []);
});

test('a set that is deleted with its Machines orphaned leaves them, and the next one takes them in', async (t) => {
  const sets = await startSetStory(t);
  await create(sets, { replicas: 3 });
  await sets.atRest(3);
  const before = new Set(await namesOf(sets));
  const key = { namespace: 'default', name: 'workers' };
  await sets.story.client.delete(machineSets, key, { propagationPolicy: 'Orphan' });
  await sets.story.eventually('the set is gone', async () => {
    await sets.story.advance(1);
    return (await sets.set()) === undefined;
  });
  await sets.story.advance(30);
  t.deepEqual(new Set(await namesOf(sets)), before);
  await create(sets, { replicas: 3 });
  await sets.atRest(3);
  t.deepEqual(new Set(await namesOf(sets)), before);
});
