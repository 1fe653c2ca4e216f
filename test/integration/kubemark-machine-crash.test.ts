import test from 'ava';
import { MortalClient } from '#test/helpers/mortal-client.ts';
import {
  clusterAPIControllers,
  machineWithReason,
  readyOf,
  startClusterAPI,
  startProvider,
  type ClusterAPIStory,
} from '#test/helpers/cluster-api.ts';

/**
 * As many as there can be to the management cluster; those to the workload cluster (the request for a
 * certificate and its approval) lie between the second and the third.
 */
const writes = [1, 2, 3, 4, 5, 6, 7];
const fewestWrites = { creation: 4, deletion: 3 };

/** Runs a manager that is killed at its n-th write; resolves to whether it came to that. */
async function live(
  { story, core }: ClusterAPIStory,
  lethalWrite: number,
  isDone: () => Promise<boolean>,
): Promise<boolean> {
  const client = new MortalClient(story.cluster.newClient('manager'), lethalWrite);
  const { signal } = client.life;
  const flags = { controllers: clusterAPIControllers };
  void story.cluster
    .createManager(client, flags)
    .run(signal)
    .catch(() => {}); // nobody waits for a process that was killed
  await story.eventually('the manager dies or is done', async () => {
    await core.sign();
    await story.clock.advance(400);
    return signal.aborted || (await isDone());
  });
  await story.quiet();
  const died = signal.aborted;
  client.life.abort();
  return died;
}

for (const write of writes) {
  test(`a provider killed after write ${write} of a creation leaves one Pod and one Secret to the next`, async (t) => {
    const all = await startClusterAPI(t, { manager: false });
    const { story, core } = all;
    await core.createMachine('worker');
    const isReady = async (): Promise<boolean> =>
      readyOf(await core.infrastructure('worker'))?.status === 'True';
    const died = await live(all, write, isReady);
    t.true(died || write > fewestWrites.creation);

    startProvider(story.cluster);
    await machineWithReason(all, 'worker', 'Provisioned');
    await story.eventually('there is a Node', () => story.node('worker'));
    t.deepEqual(
      (await core.pods()).map(({ metadata }) => metadata.name),
      ['worker'],
    );
    t.deepEqual(await core.nodeSecrets(), ['worker-kubemark-config']);
  });

  test(`a provider killed after write ${write} of a deletion leaves nothing that the next does not finish`, async (t) => {
    const all = await startClusterAPI(t, { manager: false });
    const { story, core } = all;
    const first = new AbortController();
    startProvider(story.cluster, undefined, first.signal);
    await core.createMachine('worker');
    await machineWithReason(all, 'worker', 'Provisioned');
    first.abort();
    await story.quiet();
    await core.deleteInfrastructure('worker');
    const isGone = async (): Promise<boolean> =>
      (await core.infrastructure('worker')) === undefined;
    const died = await live(all, write, isGone);
    t.true(died || write > fewestWrites.deletion);

    startProvider(story.cluster);
    await story.eventually('the machine is gone', async () => {
      await story.clock.advance(400);
      return isGone();
    });
    t.deepEqual(await core.pods(), []);
    t.deepEqual(await core.nodeSecrets(), []);
  });
}
