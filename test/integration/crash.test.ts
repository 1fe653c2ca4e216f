import test from 'ava';
import { machineAnnotation } from '#api/machine/v1beta1/labels.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { machinesOfGroup } from '#test/helpers/machine-group.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

/** As many as there can be; status writes may merge, so a manager may live to see the end before. */
const writes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const fewestWrites = 4;

/** Runs a manager that is killed at its n-th write; resolves to whether it came to that. */
async function live(
  story: Story,
  lethalWrite: number,
  isDone: () => Promise<boolean>,
): Promise<boolean> {
  const client = new MortalClient(story.cluster.newClient('manager'), lethalWrite);
  const { signal } = client.life;
  const manager = story.cluster.createManager(client);
  // Nobody waits for a process that was killed; what it still tries reaches nobody.
  void manager.run(signal).catch(() => {});
  await story.eventually('the manager dies or is done', async () => {
    return signal.aborted || (await isDone());
  });
  await story.quiet();
  const died = signal.aborted;
  client.life.abort();
  return died;
}

for (const write of writes) {
  test(`a manager killed after write ${write} of a creation leaves nothing that the next one does not finish`, async (t) => {
    const story = await startStory(t, { manager: false });
    await story.create(newMachine('worker'));
    const isRunning = async (): Promise<boolean> =>
      (await story.machine('worker'))?.status?.phase === 'Running';
    const died = await live(story, write, isRunning);
    t.true(died || write > fewestWrites);

    story.cluster.startManager();
    const node = await story.runningNode('worker');
    await story.quiet();
    const [pod, ...morePods] = await story.hollowPods();
    t.is(morePods.length, 0);
    t.is(pod?.metadata.name, node.metadata.name);
    t.is((await story.hollowNodes()).length, 1);
    t.is((await story.machine('worker'))?.spec?.providerID, node.spec?.providerID);
    await story.eventually('the Node names its machine', async () => {
      const { annotations } = (await story.node(node.metadata.name ?? ''))?.metadata ?? {};
      return annotations?.[machineAnnotation(machinesOfGroup)] === 'default/worker';
    });
  });
}

for (const write of writes) {
  test(`a manager killed after write ${write} of a deletion leaves nothing that the next one does not finish`, async (t) => {
    const story = await startStory(t, { manager: false });
    const first = new AbortController();
    const running = story.cluster.createManager().run(first.signal);
    await story.create(newMachine('worker'));
    await story.runningNode('worker');
    first.abort();
    await running;

    await story.client.delete(machines, { namespace: 'default', name: 'worker' });
    const isGone = async (): Promise<boolean> => (await story.machine('worker')) === undefined;
    const died = await live(story, write, isGone);
    t.true(died || write > fewestWrites);

    story.cluster.startManager();
    await story.eventually('the machine is gone', isGone);
    t.deepEqual(await story.hollowPods(), []);
    t.deepEqual(await story.hollowNodes(), []);
  });
}
