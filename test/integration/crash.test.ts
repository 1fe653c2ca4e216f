import test from 'ava';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

/** More than one life ever needs: the story ends when a manager outlives it. */
const mostWrites = 40;

/** Runs managers that die at their n-th write, then n+1-th …, until one lives to see `isReached`. */
async function surviveDeaths(story: Story, isReached: () => Promise<boolean>): Promise<number> {
  for (let lethalWrite = 1; lethalWrite <= mostWrites; lethalWrite++) {
    const client = new MortalClient(story.cluster.newClient('manager'), lethalWrite);
    const { signal } = client.life;
    const running = story.cluster
      .createManager(client)
      .run(signal)
      .catch(() => {}); // it was killed
    await story.eventually('the manager dies or is done', async () => {
      return signal.aborted || (await isReached());
    });
    await story.quiet();
    const isDead = signal.aborted;
    client.life.abort();
    await running;
    if (!isDead) return lethalWrite - 1;
  }
  throw new Error('the manager always dies');
}

test('a manager killed after each of its writes leaves one Pod per machine and no orphan', async (t) => {
  const story = await startStory(t, { manager: false });
  await story.create(newMachine('worker'));
  const deaths = await surviveDeaths(story, async () => {
    return (await story.machine('worker'))?.status?.phase === 'Running';
  });
  t.true(deaths >= 3, `it died ${deaths} times`);
  const [pod, ...morePods] = await story.hollowPods();
  t.is(morePods.length, 0);
  const node = await story.runningNode('worker');
  t.is(pod?.metadata.name, node.metadata.name);
  t.is((await story.hollowNodes()).length, 1);
  t.is((await story.machine('worker'))?.spec?.providerID, node.spec?.providerID);
});

test('a manager killed after each of its writes still deletes everything', async (t) => {
  const story = await startStory(t, { manager: false });
  const first = new AbortController();
  const running = story.cluster.createManager().run(first.signal);
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  first.abort();
  await running;

  await story.client.delete(machines, { namespace: 'default', name: 'worker' });
  const deaths = await surviveDeaths(story, async () => !(await story.machine('worker')));
  t.true(deaths >= 2, `it died ${deaths} times`);
  t.deepEqual(await story.hollowPods(), []);
  t.deepEqual(await story.hollowNodes(), []);
});
