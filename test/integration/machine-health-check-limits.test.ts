/** `maxUnhealthy` where several machines of a set fall sick together, again and again. */
import test from 'ava';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import {
  createSet,
  newCheck,
  startMeasuredManager,
  told,
  watchDeletions,
} from '#test/helpers/health-checks.ts';
import { startSetStory, type SetStory } from '#test/helpers/machine-sets.ts';

/** Sick for so long that a health check which waits for ten seconds would replace them. */
const flapping = {
  turnUnhealthyPeriodically: true,
  healthyDuration: '50s',
  unhealthyDuration: '20s',
};

const namesOf = async (sets: SetStory): Promise<string[]> =>
  (await sets.machines()).map(({ metadata }) => metadata.name ?? '');

test('five that fall sick together are left alone where two may, and get well again', async (t) => {
  const sets = await startSetStory(t, { manager: false });
  const { story } = sets;
  const manager = await startMeasuredManager(story);
  await createSet(sets, 5, flapping);
  await sets.atRest(5);
  await story.client.create(machineHealthChecks, newCheck({ maxUnhealthy: 2 }));
  const deletions = watchDeletions(story);
  await story.advance(135);
  t.deepEqual(deletions, []);
  t.like(await told(story, 'check'), { RemediationRestricted: 2 });
  const reconciles = await manager.reconcilesOf('machinehealthcheck');
  t.true(reconciles < 60, `${reconciles} reconciles for two times that five fall sick`);
  await story.advance(10);
  await sets.atRest(5);
});

test('one that falls sick alone is replaced, once each time; four that do so together are not', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  await createSet(sets, 1, flapping);
  await sets.atRest(1);
  const first = await namesOf(sets);
  await story.advance(25);
  await sets.scale(5);
  await sets.atRest(5);
  const others = (await namesOf(sets)).filter((name) => !first.includes(name));
  await story.client.create(machineHealthChecks, newCheck({ maxUnhealthy: '20%' }));
  const deletions = watchDeletions(story);

  await story.advance(40);
  t.deepEqual(deletions, first);
  await sets.atRest(5);
  await story.advance(35); // the four were sick, and are not any more
  t.is(deletions.length, 1);
  await story.advance(30);
  t.is(deletions.length, 2, 'the one that came in its place falls sick, too');
  await sets.atRest(5);
  const names = await namesOf(sets);
  t.true(others.every((name) => names.includes(name)));
  t.is(new Set(deletions).size, deletions.length);
});
