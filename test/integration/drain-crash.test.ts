import test from 'ava';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { MortalClient } from '#test/helpers/mortal-client.ts';
import { startStory } from '#test/helpers/story.ts';
import { tenantMachine, Tenants } from '#test/helpers/tenants.ts';

/** From the cordon to the finalizer; which comes where depends on when Pods have moved. */
const writes = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

for (const write of writes) {
  test(`a manager killed at write ${write} of a drain breaks no budget, and the next one goes on`, async (t) => {
    const story = await startStory(t, { manager: false });
    const first = new AbortController();
    const running = story.cluster.createManager().run(first.signal);
    for (const name of ['worker', 'other']) await story.create(tenantMachine(name));
    const nodeName = (await story.runningNode('worker')).metadata.name ?? '';
    await story.runningNode('other');
    const tenants = new Tenants(t, story);
    await tenants.start({ replicas: 4 });
    await tenants.limit({ maxUnavailable: 1 });
    const fewest = await tenants.startCounting(t);
    first.abort();
    await running;

    await story.client.delete(machines, { namespace: 'default', name: 'worker' });
    const client = new MortalClient(story.cluster.newClient('manager'), write);
    // Nobody waits for a process that was killed; what it still tries reaches nobody.
    void story.cluster
      .createManager(client)
      .run(client.life.signal)
      .catch(() => {});
    const isGone = async (): Promise<boolean> => (await story.machine('worker')) === undefined;
    for (let seconds = 0; !client.life.signal.aborted && !(await isGone()); seconds++) {
      t.true(seconds < 60, 'the manager neither dies nor is done');
      await story.advance(1);
    }
    t.true(client.life.signal.aborted);

    story.cluster.startManager();
    for (let seconds = 0; !(await isGone()); seconds++) {
      t.true(seconds < 60, 'the machine is there for a minute');
      await story.advance(1);
    }
    t.is(await story.node(nodeName), undefined);
    await tenants.allReady(4);
    t.is(fewest(), 3);
    t.is((await story.machine('other'))?.status?.phase, 'Running');
  });
}
