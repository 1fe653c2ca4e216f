import test from 'ava';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { newMachineSet, startSetStory } from '#test/helpers/machine-sets.ts';

test('a set is scaled from 0 to 100 to 5 to 0', async (t) => {
  const sets = await startSetStory(t);
  await sets.story.client.create(machineSets, newMachineSet('workers', { replicas: 0 }));
  await sets.atRest(0);
  await sets.scale(100);
  await sets.atRest(100);
  await sets.scale(5);
  await sets.atRest(5);
  await sets.scale(0);
  await sets.atRest(0);
  t.like((await sets.set())?.status, { replicas: 0, readyReplicas: 0, availableReplicas: 0 });
});
