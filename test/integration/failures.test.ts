import test, { type ExecutionContext } from 'ava';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { isReal } from '#test/helpers/backend.ts';
import { newMachine, readyCondition, startStory, type Story } from '#test/helpers/story.ts';

/** When Ready of a Node changed, in seconds after its start, and to what. */
type Change = readonly [seconds: number, status: string];

/** In seconds. On a real control plane this process may be busy; `npm run bench -- flips` measures. */
const tolerance = isReal ? 4 : 0.5;

function assertChanges(
  t: ExecutionContext,
  changes: readonly Change[],
  expected: readonly Change[],
): void {
  t.deepEqual(
    changes.map(([, status]) => status),
    expected.map(([, status]) => status),
  );
  for (const [index, [at]] of expected.entries()) {
    const late = (changes[index]?.[0] ?? Number.NaN) - at;
    t.true(Math.abs(late) <= tolerance, `change ${index} is ${late} s late`);
  }
}

/** Creates a machine, and watches its Node for so many seconds. */
async function observe(story: Story, machine: Machine, seconds: number): Promise<Change[]> {
  let start: number | undefined;
  const changes: Change[] = [];
  let last = '';
  const end = new AbortController();
  const watching = await story.watchNodes((node) => {
    if (!node.spec?.providerID?.startsWith('kubemark://')) return;
    start ??= story.clock.now();
    const { status = '' } = readyCondition(node) ?? {};
    if (status !== last) changes.push([(story.clock.now() - start) / 1000, status]);
    last = status;
  }, end.signal);
  await story.create(machine);
  await story.runningNode(machine.metadata.name ?? '');
  await story.advance(seconds);
  end.abort();
  await watching.ended;
  return changes;
}

test('a node told to fail periodically is Ready for 40 s, NotReady for 5 s, again and again', async (t) => {
  const story = await startStory(t);
  const machine = newMachine('flapping', {
    config: { turnUnhealthyPeriodically: true, healthyDuration: '40s', unhealthyDuration: '5s' },
  });
  const changes = await observe(story, machine, 100);
  assertChanges(t, changes, [
    [0, 'True'],
    [40, 'False'],
    [45, 'True'],
    [85, 'False'],
    [90, 'True'],
  ]);
});

for (const [form, durations] of Object.entries({
  README: { unhealthyDuration: '40s' },
  code: { healthyDuration: '40s' },
})) {
  test(`a node told to fail once, in the form of the ${form}, stays NotReady`, async (t) => {
    const story = await startStory(t);
    const machine = newMachine('failing', { config: { turnUnhealthyAfter: true, ...durations } });
    const changes = await observe(story, machine, 60);
    assertChanges(t, changes, [
      [0, 'True'],
      [40, 'False'],
    ]);
    const ready = readyCondition(await story.runningNode('failing'));
    t.is(ready?.reason, 'KubeletNotReady');
    t.regex(ready?.message ?? '', /indefinitely on request \(40s after start up\)/);
  });
}

test('lastTransitionTime moves with the failure and at no other time', async (t) => {
  const story = await startStory(t);
  await story.create(
    newMachine('failing', { config: { turnUnhealthyAfter: true, healthyDuration: '20s' } }),
  );
  const { metadata } = await story.runningNode('failing');
  await story.advance(25);
  const transition = readyCondition(await story.node(metadata.name ?? ''))?.lastTransitionTime;
  await story.advance(30);
  const later = readyCondition(await story.node(metadata.name ?? ''));
  t.is(later?.lastTransitionTime, transition);
});

test('a node reports the capacity it was given', async (t) => {
  const story = await startStory(t);
  await story.create(
    newMachine('big', {
      config: {
        numCores: 2,
        memoryCapacity: 10_737_418_240,
        extendedResources: { 'example.com/gpu': 8 },
        nodeLabels: { zone: 'a' },
        registerWithTaints: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }],
      },
    }),
  );
  const node = await story.runningNode('big');
  t.like(node.status?.capacity, { cpu: '2', memory: '10Gi', 'example.com/gpu': '8' });
  t.like(node.metadata.labels, { zone: 'a' });
  const taints = node.spec?.taints?.map(({ key, value = '' }) => `${key}=${value}`) ?? [];
  t.true(taints.includes('dedicated=batch'));
  t.true(taints.includes('kubemark=true'));
});
