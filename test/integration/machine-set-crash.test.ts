import test from 'ava';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import type { ManagerOptions } from '#controller/cmd/options.ts';
import type { Client } from '#runtime/client/client.ts';
import { startCensus } from '#test/helpers/census.ts';
import { newMachineSet, startSetStory, type SetStory } from '#test/helpers/machine-sets.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';

/** Machines, the status, events: as many as there can be, and some. */
const writes = [1, 2, 3, 4, 5, 6, 7, 8];
const fewestWrites = 4;

function run(
  { story }: SetStory,
  flags: Partial<ManagerOptions>,
  client?: Client,
): AbortController {
  const stop = new AbortController();
  const manager = story.cluster.createManager(client, flags);
  story.cluster.run(async (signal) => {
    // A process that was killed fails nowhere.
    await manager.run(AbortSignal.any([signal, stop.signal])).catch(() => {});
  });
  return stop;
}

/** Scales under a manager that is killed at its n-th write, and lets the next one finish. */
async function scale(sets: SetStory, replicas: number, lethalWrite: number): Promise<boolean> {
  const only = { controllers: ['machineset'] };
  const client = new MortalClient(sets.story.cluster.newClient('manager'), lethalWrite);
  const { life } = client;
  run(sets, only, client);
  await sets.scale(replicas);
  await sets.story.eventually('the manager dies or is done', async () => {
    return life.signal.aborted || (await sets.isAtRest(replicas));
  });
  await sets.story.quiet();
  const died = life.signal.aborted;
  life.abort();
  const next = run(sets, only);
  await sets.atRest(replicas);
  next.abort();
  return died;
}

for (const write of writes) {
  test(`managers killed after write ${write} of 0 → 4 → 1 leave nothing that the next ones do not finish`, async (t) => {
    const sets = await startSetStory(t, { manager: false });
    const census = await startCensus(t, sets.story);
    run(sets, { controllers: ['*', '-machineset'] });
    await sets.story.client.create(machineSets, newMachineSet('workers', { replicas: 0 }));
    const died = [await scale(sets, 4, write), await scale(sets, 1, write)];
    t.true(write > fewestWrites || died.every(Boolean));
    t.like(census, { created: { size: 4 }, deleted: { size: 3 }, most: 4 });
  });
}
