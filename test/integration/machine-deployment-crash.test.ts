import test from 'ava';
import type { Client } from '#runtime/client/client.ts';
import {
  startDeploymentStory,
  template,
  type DeploymentStory,
} from '#test/helpers/machine-deployments.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';

/** As many as there can be; status writes may merge, so a manager may live to see the end before. */
const writes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const fewestWrites = 6;

/** Runs the controller of MachineDeployments, and only that. */
function run({ story }: DeploymentStory, client: Client, signal: AbortSignal): Promise<void> {
  const flags = { controllers: ['machinedeployment'] };
  return story.cluster.createManager(client, flags).run(signal);
}

for (const write of writes) {
  test(`a controller killed after write ${write} of a rollout leaves nothing that the next one does not finish`, async (t) => {
    const deployments = await startDeploymentStory(t, { manager: false });
    const { story } = deployments;
    const { cluster } = story;
    cluster.run((signal) =>
      cluster.createManager(undefined, { controllers: ['*', '-machinedeployment'] }).run(signal),
    );
    const first = new AbortController();
    const running = run(deployments, cluster.newClient('manager-first'), first.signal);
    await deployments.create({ replicas: 2 });
    await deployments.complete();
    first.abort();
    await running;
    await deployments.change({ template: template('2') });

    const mortal = new MortalClient(cluster.newClient('manager-mortal'), write);
    const { signal } = mortal.life;
    // Nobody waits for a process that was killed; what it still tries reaches nobody.
    void run(deployments, mortal, signal).catch(() => {});
    const died = await Promise.race([
      story.eventually('it dies', () => Promise.resolve(signal.aborted)),
      deployments.complete().then(() => false),
    ]);
    t.true(died || write > fewestWrites);
    mortal.life.abort();

    cluster.run((end) => run(deployments, cluster.newClient('manager-next'), end));
    await deployments.complete();
    t.is(await deployments.versions(), '2 2');
    t.deepEqual(await deployments.revisions(), [1, 2]);
  });
}
