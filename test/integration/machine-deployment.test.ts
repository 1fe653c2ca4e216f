import test from 'ava';
import {
  machineDeployments,
  noCreationAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
} from '#api/machine/v1beta1/machine-deployment.ts';
import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { startDeploymentStory, template } from '#test/helpers/machine-deployments.ts';

const key = { namespace: 'default', name: 'workers' };

test('a rollout is paused, resumed and rolled back', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 3 });
  await deployments.complete();
  const [first] = await deployments.sets();

  await deployments.change({ paused: true, template: template('2') });
  await deployments.reason('DeploymentPaused');
  t.is((await deployments.sets()).length, 1);
  await deployments.scale(4);
  await deployments.story.eventually('a pause does not stop scaling', async () => {
    return (await deployments.versions()) === '1 1 1 1';
  });

  await deployments.change({ paused: false });
  await deployments.complete();
  t.is(await deployments.versions(), '2 2 2 2');
  t.is((await deployments.get()).metadata.annotations?.[revisionAnnotation], '2');

  await deployments.change({ template: template('1') });
  await deployments.complete();
  t.is(await deployments.versions(), '1 1 1 1');
  const sets = await deployments.sets();
  t.deepEqual(await deployments.revisions(), [2, 3]);
  t.is(sets[1]?.metadata.uid, first?.metadata.uid);
  t.is(sets[1]?.metadata.annotations?.[revisionHistoryAnnotation], '1');
});

test('after a rollout nothing is written until something changes', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 2 });
  await deployments.complete();
  await deployments.change({ template: template('2') });
  await deployments.complete();
  await deployments.story.advance(2);
  const requests: string[] = [];
  deployments.story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    if (userAgent.startsWith('manager')) requests.push(`${verb} ${resource}`);
  });
  await deployments.story.advance(60);
  t.deepEqual(requests, []);
});

test('sets of former templates stay as many as asked for', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 1, revisionHistoryLimit: 2 });
  for (const version of ['2', '3', '4', '5']) {
    await deployments.complete();
    await deployments.change({ template: template(version) });
  }
  await deployments.complete();
  await deployments.story.eventually('2 former sets are left', async () => {
    return (await deployments.sets()).length === 3;
  });
  t.deepEqual(await deployments.revisions(), [3, 4, 5]);
});

test('OnDelete replaces what somebody deletes, and nothing else', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 3, strategy: { type: 'OnDelete' } });
  await deployments.complete();
  await deployments.change({ template: template('2') });
  await deployments.reason('WaitingForDeletion');
  t.is(await deployments.versions(), '1 1 1');
  const [old] = await deployments.sets();
  t.is(old?.metadata.annotations?.[noCreationAnnotation], 'true');

  for (const versions of ['1 1 2', '1 2 2', '2 2 2']) {
    const machine = (await deployments.machines()).find(
      ({ metadata }) => metadata.annotations?.['version'] === '1',
    );
    await deployments.story.client.delete(machines, keyOf(machine!));
    await deployments.story.eventually(versions, async () => {
      return (await deployments.versions()) === versions;
    });
    await deployments.story.quiet();
    t.is(await deployments.versions(), versions);
  }
  await deployments.complete();
});

test('a rollout without progress is called failed when its time is up, and goes on', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 2, progressDeadlineSeconds: 30 });
  await deployments.complete();
  await deployments.change({ template: template('2', { healthyDuration: 'soon' }) });
  await deployments.reason('MachineSetUpdated');
  await deployments.story.advance(25);
  t.like(await deployments.progress(), { status: 'True', reason: 'MachineSetUpdated' });
  await deployments.story.advance(6);
  await deployments.reason('ProgressDeadlineExceeded');
  t.is((await deployments.progress())?.status, 'False');
  t.is(await deployments.versions(), '1 1 2');
  const events = await deployments.story.events('workers');
  t.true(
    events.some(({ reason, type }) => reason === 'ProgressDeadlineExceeded' && type === 'Warning'),
  );

  await deployments.change({ template: template('3', { healthyDuration: null }) });
  await deployments.complete();
  t.is(await deployments.versions(), '3 3');
});

test('a MachineSet that has the name by chance is left alone', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 0 });
  await deployments.complete();
  const [first] = await deployments.sets();
  await deployments.story.client.delete(machineDeployments, key);
  await deployments.story.eventually('it is gone', async () => {
    return (await deployments.sets()).length === 0;
  });
  const stranger: MachineSet = {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineSet',
    metadata: { name: first?.metadata.name ?? '', namespace: 'default' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: 'other' } },
      template: { metadata: { labels: { app: 'other' } } },
    },
  };
  await deployments.story.client.create(machineSets, stranger);
  await deployments.create({ replicas: 1 });
  await deployments.complete();
  t.is(await deployments.versions(), '1');
  t.is((await deployments.get()).status?.collisionCount, 1);
  t.is((await deployments.sets()).length, 2);
});

test('a template that does not match the selector is explained, and nothing is created', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ selector: { matchLabels: { app: 'other' } } });
  await deployments.reason('ReconcileError');
  t.is(
    (await deployments.progress())?.message,
    'spec.template.metadata.labels: `selector` does not match template `labels`',
  );
  t.deepEqual(await deployments.sets(), []);
});

test('sets of a deployment that was deleted without them are taken in by the next one', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 2 });
  await deployments.complete();
  const before = (await deployments.machines()).map(({ metadata }) => metadata.uid);
  await deployments.story.client.delete(machineDeployments, key, { propagationPolicy: 'Orphan' });
  await deployments.story.eventually('the set is nobody’s', async () => {
    const [set] = await deployments.sets();
    const { items } = await deployments.story.client.list(machineDeployments);
    return set?.metadata.ownerReferences === undefined && items.length === 0;
  });
  await deployments.create({ replicas: 2 });
  await deployments.complete();
  const after = (await deployments.machines()).map(({ metadata }) => metadata.uid);
  t.deepEqual(after, before);
  t.is((await deployments.sets()).length, 1);
});
