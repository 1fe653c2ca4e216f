/** A rollout of twenty, and all that people do in the middle of one. */
import test from 'ava';
import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import {
  startDeploymentStory,
  template,
  type DeploymentStory,
} from '#test/helpers/machine-deployments.ts';

const rollingUpdate = { maxSurge: 3, maxUnavailable: 2 };

test('a new template is rolled out within the limits, and the old set stays', async (t) => {
  const deployments = await startDeploymentStory(t);
  await deployments.create({ replicas: 20, strategy: { rollingUpdate } });
  await deployments.complete();
  t.is(await deployments.versions(), '1 '.repeat(20).trim());

  const limits = await watchLimits(deployments);
  await deployments.change({ template: template('2') });
  await deployments.complete();
  const { most, fewest } = await limits.stop();
  t.true(most <= 23, `${most} Machines at once`);
  t.true(fewest >= 18, `only ${fewest} available`);
  t.true(most > 20 && fewest < 20, 'the limits are used');
  t.is(await deployments.versions(), '2 '.repeat(20).trim());
  const sets = await deployments.sets();
  t.deepEqual(
    sets.map(({ spec, status }) => [spec?.replicas, status?.replicas, status?.availableReplicas]),
    [
      [0, 0, 0],
      [20, 20, 20],
    ],
  );
  t.like((await deployments.get()).status, {
    replicas: 20,
    updatedReplicas: 20,
    readyReplicas: 20,
    availableReplicas: 20,
    unavailableReplicas: 0,
    labelSelector: 'app=workers',
  });
});

/** What the API server shows at any moment: Machines that are not being deleted, and what is available. */
async function watchLimits(deployments: DeploymentStory) {
  const { client } = deployments.story;
  const limits = { most: 0, fewest: Infinity };
  const end = new AbortController();
  const { signal } = end;
  const known = new Map<string, MachineSet>();
  const names = new Set<string>();
  const available = (): number =>
    [...known.values()].reduce((sum, { status }) => sum + (status?.availableReplicas ?? 0), 0);
  const watchMachines = async (): Promise<void> => {
    const { items, resourceVersion } = await client.list(machines);
    for (const { metadata } of items) names.add(metadata.name ?? '');
    for await (const { type, object } of client.watch(machines, { resourceVersion, signal })) {
      const { name = '', deletionTimestamp } = object.metadata;
      if (type === 'DELETED' || deletionTimestamp !== undefined) names.delete(name);
      else names.add(name);
      limits.most = Math.max(limits.most, names.size);
    }
  };
  const watchSets = async (): Promise<void> => {
    const { items, resourceVersion } = await client.list(machineSets);
    for (const set of items) known.set(set.metadata.name ?? '', set);
    for await (const { object } of client.watch(machineSets, { resourceVersion, signal })) {
      known.set(object.metadata.name ?? '', object);
      limits.fewest = Math.min(limits.fewest, available());
    }
  };
  const watching = Promise.allSettled([watchMachines(), watchSets()]);
  return {
    stop: async () => {
      await deployments.story.quiet();
      end.abort();
      await watching;
      return limits;
    },
  };
}

/** Machines of a version, not counting those on their way out. */
async function countOf(deployments: DeploymentStory, version: string): Promise<number> {
  return (await deployments.versions()).split(' ').filter((each) => each === version).length;
}

/** How many Machines each set has, the oldest first, once all have what they should and all is available. */
async function sizesAtRest(deployments: DeploymentStory): Promise<number[]> {
  return deployments.passUntil('the sets are at rest', async () => {
    const sets = await deployments.sets();
    const isAtRest = sets.every(
      ({ metadata, spec, status = {} }) =>
        status.observedGeneration === metadata.generation &&
        status.replicas === spec?.replicas &&
        status.availableReplicas === spec?.replicas,
    );
    return isAtRest && sets.map(({ spec }) => spec?.replicas ?? 0);
  });
}

test('a rollout is paused half way, scaled, resumed, and rolled back and forth', async (t) => {
  const deployments = await startDeploymentStory(t);
  const complete = (): Promise<boolean> =>
    deployments.passUntil('it is complete', () => deployments.isComplete());
  await deployments.create({ replicas: 20, minReadySeconds: 5, strategy: { rollingUpdate } });
  await complete();
  const uids = async (): Promise<string[]> =>
    (await deployments.sets()).map(({ metadata }) => metadata.uid ?? '').toSorted();

  const half = await watchLimits(deployments);
  await deployments.change({ template: template('2') });
  await deployments.passUntil('some are new', async () => (await countOf(deployments, '2')) >= 8);
  await deployments.change({ paused: true });
  const sizes = await sizesAtRest(deployments);
  await deployments.story.advance(20);
  t.deepEqual(await sizesAtRest(deployments), sizes, 'a pause stops it');
  t.true(sizes.every((size) => size > 0));
  const beforePause = await half.stop();
  t.true(beforePause.most <= 23 && beforePause.fewest >= 18, JSON.stringify(beforePause));

  const rest = await watchLimits(deployments);
  await deployments.scale(10);
  const [old = 0, young = 0] = await deployments.passUntil('scaled in proportion', async () => {
    const scaled = await sizesAtRest(deployments);
    return scaled[0] !== sizes[0] && scaled;
  });
  t.is(old + young, 13, 'replicas and surge');
  t.true(old > 0 && young > 0, `${old} old and ${young} new ones`);
  const both = await uids();
  await deployments.change({ paused: false });
  await complete();
  t.is(await deployments.versions(), '2 '.repeat(10).trim());

  await deployments.change({ template: template('1') });
  await deployments.passUntil('some are old again', async () => {
    return (await countOf(deployments, '1')) >= 3;
  });
  await deployments.change({ template: template('2') });
  await deployments.passUntil('none is old', async () => (await countOf(deployments, '1')) === 0);
  await complete();
  t.is(await deployments.versions(), '2 '.repeat(10).trim());
  t.deepEqual(await uids(), both, 'no set but those two');
  t.deepEqual(await deployments.revisions(), [3, 4]);
  const afterPause = await rest.stop();
  t.true(afterPause.fewest >= 8, `only ${afterPause.fewest} available`);
  t.true(afterPause.most <= 23, `${afterPause.most} Machines at once`);
});
