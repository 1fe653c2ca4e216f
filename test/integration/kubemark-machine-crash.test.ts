import test from 'ava';
import { certificateSigningRequests } from '#api/core.ts';
import { remoteUserAgent } from '#controller/reconcilers/kubemarkmachine/remote-clusters.ts';
import {
  machineWithReason,
  newProvider,
  provider,
  readyOf,
  startClusterAPI,
  startProvider,
  type ClusterAPIStory,
} from '#test/helpers/cluster-api.ts';
import { lifeUntilWrite } from '#test/helpers/lethal-write.ts';

/**
 * As many as there can be, in the management cluster and in the workload cluster: identity, Secret,
 * request, approval, certificate, Pod, and the status and events in between.
 */
const writes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const fewestWrites = { creation: 7, deletion: 3 };

/** Runs a manager that is killed at its n-th write; resolves to whether it came to that. */
async function live(
  { story, core }: ClusterAPIStory,
  lethalWrite: number,
  isDone: () => Promise<boolean>,
): Promise<boolean> {
  const life = lifeUntilWrite(story.cluster.server, [provider, remoteUserAgent], lethalWrite);
  // Nobody waits for a process that was killed; what it still tries reaches nobody.
  void newProvider(story.cluster)
    .run(life.signal)
    .catch(() => {});
  await story.eventually('the manager dies or is done', async () => {
    await core.sign();
    await story.clock.advance(400);
    return life.signal.aborted || (await isDone());
  });
  await story.quiet();
  const died = life.signal.aborted;
  life.abort();
  return died;
}

for (const write of writes) {
  test(`a provider killed after write ${write} of a creation leaves one Pod, one Secret and one request to the next`, async (t) => {
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
    t.is((await story.client.list(certificateSigningRequests)).items.length, 1);
  });
}

for (const write of writes.slice(0, fewestWrites.deletion + 2)) {
  test(`a provider killed after write ${write} of a deletion leaves nothing that the next does not finish`, async (t) => {
    const all = await startClusterAPI(t, { manager: false });
    const { story, core } = all;
    const first = new AbortController();
    startProvider(story.cluster, { life: first.signal });
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
