import test from 'ava';
import { nodes } from '#api/core.ts';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';
import { newMachineSet, startSetStory } from '#test/helpers/machine-sets.ts';

/** From the loss of a Node to the rest with another Machine. */
const writes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

for (const write of writes) {
  test(`a manager killed at write ${write} of a replacement replaces no machine but the sick one`, async (t) => {
    const sets = await startSetStory(t, { manager: false });
    const { story } = sets;
    const first = new AbortController();
    const running = story.cluster.createManager().run(first.signal);
    await story.client.create(machineSets, newMachineSet('workers', { replicas: 2 }));
    await sets.atRest(2);
    first.abort();
    await running;

    const [sick, healthy] = await sets.machines();
    const sickNode = sick?.status?.nodeRef?.name ?? '';
    await story.client.delete(nodes, { namespace: '', name: sickNode });
    await story.client.create(machineHealthChecks, {
      apiVersion: 'machine.openshift.io/v1beta1',
      kind: 'MachineHealthCheck',
      metadata: { namespace: 'default', name: 'check' },
      spec: {
        selector: {},
        unhealthyConditions: [{ type: 'Ready', status: 'False', timeout: '10s' }],
      },
    });
    const client = new MortalClient(story.cluster.newClient('manager'), write);
    // Nobody waits for a process that was killed; what it still tries reaches nobody.
    void story.cluster
      .createManager(client)
      .run(client.life.signal)
      .catch(() => {});
    await story.eventually('the manager dies', async () => client.life.signal.aborted);
    await story.quiet();

    story.cluster.startManager();
    await story.advance(5);
    await sets.atRest(2);
    await story.advance(15);
    await sets.atRest(2);
    const names = (await sets.machines()).map(({ metadata }) => metadata.name);
    t.true(names.includes(healthy?.metadata.name));
    t.false(names.includes(sick?.metadata.name));
  });
}
