import test from 'ava';
import { machines, type MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

const key = { namespace: 'default', name: 'worker' };

/** Writes into the status as a curious user does. */
async function edit(story: Story, status: object | null): Promise<void> {
  await story.client.patch(machines, key, { status }, { subresource: 'status' });
}

const edits: [what: string, status: object | null, most: number][] = [
  ['the phase', { phase: 'Failed', errorMessage: 'by hand' }, 1],
  ['the reference to the Node', { nodeRef: null }, 1],
  ['the state of the instance', { providerStatus: { instanceState: 'Gone', reason: 'Odd' } }, 1],
  // All that the machine controller knows, the link, and that the machine is Running.
  ['everything', null, 3],
];

for (const [what, status, most] of edits) {
  test(`a status edited by hand is put right at once, writing ${most} times at most: ${what}`, async (t) => {
    const story = await startStory(t);
    await story.create(newMachine('worker'));
    await story.runningNode('worker');
    await story.advance(2);
    const before = withoutTimes((await story.machine('worker'))?.status);
    const asked: string[] = [];
    story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
      if (userAgent.startsWith('manager') && resource !== 'events')
        asked.push(`${verb} ${resource}`);
    });
    const start = story.clock.now();
    await edit(story, status);
    await story.eventually('the status is right', async () => {
      return isDeepEqual(withoutTimes((await story.machine('worker'))?.status), before);
    });
    t.true(story.clock.now() - start < 5_000);
    await story.advance(2);
    t.deepEqual(new Set(asked), new Set(['patch machines']));
    t.true(asked.length <= most, `${asked.length} writes`);
  });
}

test('whoever insists on another status meets patience, not a storm', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker'));
  await story.runningNode('worker');
  await story.advance(2);
  let writes = 0;
  story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    if (userAgent.startsWith('manager') && verb === 'patch' && resource === 'machines') writes += 1;
  });
  for (let time = 0; time < 40; time++) {
    await edit(story, { phase: `Odd${time}` });
    await story.quiet();
  }
  t.true(writes >= 1 && writes <= 10, `${writes} writes`);
});

const isTime = (name: string): boolean => name.endsWith('Time') || name === 'lastUpdated';

function withoutTimes(status: MachineStatus = {}): unknown {
  const text = JSON.stringify(status, (name, field: unknown) => (isTime(name) ? undefined : field));
  return JSON.parse(text);
}
