import test from 'ava';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { newMachine, startStory } from '#test/helpers/story.ts';

const value = 'spec.providerSpec.value';
const { providerSpec: _, ...specWithoutProvider } = newMachine('x').spec ?? {};

const mistakes: [title: string, machine: Machine, message: RegExp][] = [
  [
    'a duration with a space',
    newMachine('bad', { config: { unhealthyDuration: '5 sec' } }),
    /unhealthyDuration: "5 sec" is not a duration \(want e\.g\. "5s", "1m30s"\)/,
  ],
  ['no cores', newMachine('bad', { config: { numCores: 0 } }), /numCores: 0 is not/],
  ['negative memory', newMachine('bad', { config: { memoryCapacity: -1 } }), /memoryCapacity: -1/],
  ['an unknown kind', newMachine('bad', { config: { kind: 'Foo' } }), /kind: "Foo" is not/],
  [
    'no providerSpec',
    { ...newMachine('bad'), spec: specWithoutProvider },
    /spec\.providerSpec\.value: nothing found/,
  ],
  [
    'turnUnhealthyAfter without any duration',
    newMachine('bad', { config: { turnUnhealthyAfter: true } }),
    /healthyDuration: nothing with turnUnhealthyAfter/,
  ],
  [
    '100 KB of garbage in a field',
    newMachine('bad', { config: { image: '\u0000 '.repeat(50_000) } }),
    /image: ".+…" is not an image reference/,
  ],
];

for (const [title, machine, message] of mistakes) {
  test(`a wrong configuration fails its machine and no other: ${title}`, async (t) => {
    const story = await startStory(t);
    await story.create(machine);
    await story.create(newMachine('good'));
    const failed = await story.eventually('the machine is Failed', async () => {
      const found = await story.machine('bad');
      return found?.status?.phase === 'Failed' && found;
    });
    await story.runningNode('good');
    t.is(failed.status?.errorReason, 'InvalidConfiguration');
    t.regex(failed.status?.errorMessage ?? '', message);
    t.true((failed.status?.errorMessage ?? '').startsWith(value));
    t.true((failed.status?.errorMessage ?? '').length < 500);

    await story.advance(20);
    const events = await story.eventually('there is an event', async () => {
      const found = await story.events('bad');
      return found.length > 0 && found;
    });
    t.is(events.length, 1);
    t.like(events[0], { type: 'Warning', reason: 'InvalidConfiguration', count: 1 });
    const later = await story.machine('bad');
    t.is(later?.metadata.resourceVersion, failed.metadata.resourceVersion, 'it stands still');

    await story.client.delete(machines, { namespace: 'default', name: 'bad' });
    await story.eventually('the machine is gone', async () => !(await story.machine('bad')));
  });
}

test('a corrected configuration brings the machine to life', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { numCores: 0 } }));
  await story.eventually('the machine is Failed', async () => {
    return (await story.machine('worker'))?.status?.phase === 'Failed';
  });
  const before = story.clock.now();
  await story.client.patch(
    machines,
    { namespace: 'default', name: 'worker' },
    { spec: { providerSpec: { value: { numCores: 4 } } } },
  );
  const node = await story.runningNode('worker');
  t.true(story.clock.now() - before < 1000, 'no timer was needed');
  t.is(node.status?.capacity?.['cpu'], '4');
  const { status } = (await story.machine('worker')) ?? {};
  t.is(status?.errorReason, undefined);
  t.is(status?.errorMessage, undefined);
});

test('what is ignored is told once', async (t) => {
  const story = await startStory(t);
  await story.create(
    newMachine('worker', {
      labels: {},
      config: {
        numCpus: 2,
        turnUnhealthyAfter: true,
        turnUnhealthyPeriodically: true,
        healthyDuration: '40s',
      },
    }),
  );
  await story.runningNode('worker');
  const warnings = await story.eventually('there are three warnings', async () => {
    const found = (await story.events('worker')).filter(({ type }) => type === 'Warning');
    return found.length >= 3 && found;
  });
  t.deepEqual(warnings.map(({ reason, count }) => `${reason} ${count}`).toSorted(), [
    'IgnoredConfiguration 1',
    'IgnoredConfiguration 1',
    'MissingClusterLabel 1',
  ]);
});

test('an image that no node can pull is told in status and event, and does not fail the machine', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('worker', { config: { image: 'example.com/no/such:image' } }));
  const machine = await story.eventually('the status tells it', async () => {
    const found = await story.machine('worker');
    return JSON.stringify(found?.status ?? {}).includes('ImagePullFailed') && found;
  });
  t.is(machine.status?.phase, 'Provisioned');
  await story.advance(20);
  const events = (await story.events('worker')).filter(({ type }) => type === 'Warning');
  t.deepEqual(
    events.map(({ reason, count }) => ({ reason, count })),
    [{ reason: 'ImagePullFailed', count: 1 }],
  );
});

test('a Pod that the API server refuses is told in status and event, each warning still once', async (t) => {
  const story = await startStory(t);
  const error = { code: 403, reason: 'Forbidden', message: 'exceeded quota: pods' };
  story.cluster.server.faults.add({
    userAgent: 'manager',
    verb: 'create',
    resource: 'pods',
    error,
    times: 5,
  });
  await story.create(newMachine('worker', { labels: {}, config: { numCpus: 2 } }));
  await story.eventually('the status tells it', async () => {
    return JSON.stringify(await story.machine('worker')).includes('exceeded quota');
  });
  await story.advance(5);
  await story.runningNode('worker');
  const warnings = (await story.events('worker')).filter(({ type }) => type === 'Warning');
  t.deepEqual(warnings.map(({ reason, count }) => `${reason} ${count}`).toSorted(), [
    'FailedCreate 1',
    'IgnoredConfiguration 1',
    'MissingClusterLabel 1',
  ]);
});

const nested = (levels: number): unknown =>
  JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

test('garbage that is nested hundreds of levels deep fails its machine, which can be deleted', async (t) => {
  const story = await startStory(t);
  await story.create(newMachine('deep', { config: { image: nested(900) } }));
  const machine = await story.eventually('the machine is Failed', async () => {
    const found = await story.machine('deep');
    return found?.status?.phase === 'Failed' && found;
  });
  t.regex(machine.status?.errorMessage ?? '', /image: \[+"…"\]+… is not an image reference/);
  await story.client.delete(machines, { namespace: 'default', name: 'deep' });
  await story.eventually('the machine is gone', async () => !(await story.machine('deep')));
});
