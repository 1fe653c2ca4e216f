/** A cache that is seconds behind never leads to one Machine too many, nor to one too few. */
import test, { type ExecutionContext } from 'ava';
import type { Kind } from '#api/kind.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { realClock } from '#runtime/clock.ts';
import { startCensus, type Census } from '#test/helpers/census.ts';
import { LateClient } from '#test/helpers/late-client.ts';
import { newMachineSet, startSetStory, type SetStory } from '#test/helpers/machine-sets.ts';

/** Milliseconds. */
const delay = 2000;

/** @param kinds whose changes come late; absent: all */
function startLateManager({ story }: SetStory, kinds?: readonly Kind[]): AbortController {
  const { cluster, clock } = story;
  const options = { server: cluster.url, clock: realClock, userAgent: 'manager' };
  const stop = new AbortController();
  const manager = cluster.createManager(
    new LateClient(options, { clock, delay, ...(kinds && { kinds }) }),
  );
  cluster.run((signal) => manager.run(AbortSignal.any([signal, stop.signal])));
  return stop;
}

async function startLateStory(
  t: ExecutionContext,
  kinds?: readonly Kind[],
): Promise<{ sets: SetStory; census: Census; stopManager: () => void }> {
  const sets = await startSetStory(t, { manager: false });
  const census = await startCensus(t, sets.story);
  const manager = startLateManager(sets, kinds);
  await sets.story.client.create(machineSets, newMachineSet('workers', { replicas: 0 }));
  await sets.story.advance(5);
  return { sets, census, stopManager: () => manager.abort() };
}

/** Lets time pass until the set rests, and some more: late news must not undo it. */
async function rest(sets: SetStory, replicas: number): Promise<void> {
  do await sets.story.advance(1);
  while (!(await sets.isAtRest(replicas)));
  await sets.story.advance(3 * (delay / 1000));
  await sets.atRest(replicas);
}

test('0 → 50 → 10 → 30 with a rest at each', async (t) => {
  const { sets, census } = await startLateStory(t);
  for (const [replicas, created, deleted] of [
    [50, 50, 0],
    [10, 50, 40],
    [30, 70, 40],
  ] as const) {
    await sets.scale(replicas);
    await rest(sets, replicas);
    t.like(census, { created: { size: created }, deleted: { size: deleted }, most: 50 });
  }
});

test('0 → 50 → 10 → 30 while nothing of it has been heard of yet', async (t) => {
  const { sets, census } = await startLateStory(t);
  await sets.scale(50);
  await sets.story.advance(1);
  await sets.scale(10);
  await sets.story.advance(0.5);
  await sets.scale(30);
  // The manager has heard of the 30 and not yet of what it deleted for the 10: it knows by itself.
  await sets.story.advance(2.5);
  await rest(sets, 30);
  // A manager that takes its time with the 50 never hears of the 10.
  const [created, deleted] = census.deleted.size === 20 ? [50, 20] : [70, 40];
  t.like(census, { created: { size: created }, deleted: { size: deleted }, most: 50 });
});

test('0 → 50 → 10 → 30 when answers are lost', async (t) => {
  const { sets, census } = await startLateStory(t);
  const { faults } = sets.story.cluster.server;
  const lost = {
    resource: 'machines',
    userAgent: 'manager',
    dropConnection: 'after',
    times: 7,
  } as const;
  faults.add({ ...lost, verb: 'create' });
  await sets.scale(50);
  await rest(sets, 50);
  faults.add({ ...lost, verb: 'delete' });
  await sets.scale(10);
  await rest(sets, 10);
  faults.add({ ...lost, verb: 'create' });
  await sets.scale(30);
  await rest(sets, 30);
  t.like(census, { created: { size: 70 }, deleted: { size: 40 }, most: 50 });
});

test('0 → 50 → 10 → 30 when each time another manager takes over in the middle', async (t) => {
  const { sets, census, stopManager } = await startLateStory(t);
  let stop = stopManager;
  for (const replicas of [50, 10, 30]) {
    await sets.scale(replicas);
    await sets.story.advance(2);
    stop();
    const manager = startLateManager(sets);
    stop = () => manager.abort();
    await rest(sets, replicas);
  }
  t.like(census, { created: { size: 70 }, deleted: { size: 40 }, most: 50 });
});

test('a deletion whose answer was lost is tried again, also when by now another Machine would be chosen', async (t) => {
  const { sets, census } = await startLateStory(t);
  const { faults } = sets.story.cluster.server;
  for (const replicas of [1, 2]) {
    await sets.scale(replicas);
    await rest(sets, replicas);
  }
  const deletion = { resource: 'machines', userAgent: 'manager', verb: 'delete' } as const;
  const error = { code: 503, reason: 'ServiceUnavailable', message: 'try again' };
  faults.add({ ...deletion, dropConnection: 'after', times: 1 });
  faults.add({ ...deletion, error });
  await sets.patch({ deletePolicy: 'Newest', replicas: 1 });
  await sets.story.advance(0.5);
  await sets.patch({ deletePolicy: 'Oldest' });
  await sets.story.advance(2.5);
  faults.clear();
  await rest(sets, 1);
  t.like(census, { created: { size: 2 }, deleted: { size: 1 } });
});

for (const [propagationPolicy, left] of [
  ['Orphan', 3],
  ['Background', 0],
] as const) {
  test(`a set deleted with propagation ${propagationPolicy} makes no more Machines, though it hears of that last`, async (t) => {
    const { sets, census } = await startLateStory(t, [machineSets]);
    await sets.scale(3);
    await rest(sets, 3);
    const key = { namespace: 'default', name: 'workers' };
    await sets.story.client.delete(machineSets, key, { propagationPolicy });
    await sets.story.advance(10);
    t.is(await sets.set(), undefined);
    t.is((await sets.machines()).length, left);
    t.like(census, { created: { size: 3 }, deleted: { size: 3 - left } });
  });
}
