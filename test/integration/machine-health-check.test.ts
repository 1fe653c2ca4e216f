import test from 'ava';
import { events, nodes } from '#api/core.ts';
import {
  machineHealthChecks,
  type MachineHealthCheck,
  type MachineHealthCheckStatus,
} from '#api/machine/v1beta1/machine-health-check.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import {
  checkKey,
  checkOnce,
  createSet,
  newCheck,
  startMeasuredManager,
  told,
  watchDeletions,
} from '#test/helpers/health-checks.ts';
import { isReal } from '#test/helpers/backend.ts';
import { startSetStory } from '#test/helpers/machine-sets.ts';
import { newMachine, type Story } from '#test/helpers/story.ts';

const reasonOf = ({ conditions }: MachineHealthCheckStatus): string | undefined =>
  conditions?.find(({ type }) => type === 'RemediationAllowed')?.reason;

/** A Machine that the set adopts, and whose Node is NotReady for ever after so many seconds. */
async function createSick(story: Story, name: string, after = 20): Promise<void> {
  const config = { turnUnhealthyAfter: true, healthyDuration: `${after}s` };
  await story.create(newMachine(name, { labels: { set: 'workers' }, config }));
  await story.runningNode(name); // so that the set sees it before it makes its own
}

/** How often each Machine was replaced, by its UID: a set gives names that are free again once more. */
async function deletionsTold({ client }: Story): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const { reason, involvedObject, count = 1 } of (await client.list(events)).items) {
    const { kind, uid = '' } = involvedObject;
    if (reason !== 'MachineDeleted' || kind !== 'Machine') continue;
    times.set(uid, (times.get(uid) ?? 0) + count);
  }
  return times;
}

test('a machine that falls sick is replaced once, and the others stay', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  await createSick(story, 'sick');
  await createSet(sets, 4);
  await sets.atRest(4);
  await story.client.create(machineHealthChecks, newCheck());
  const status = await checkOnce(story, ({ currentHealthy }) => currentHealthy === 4);
  t.like(status, { expectedMachines: 4, remediationsAllowed: 4 });
  const deletions = watchDeletions(story);

  await checkOnce(story, ({ currentHealthy }) => currentHealthy === 3);
  await story.advance(8);
  t.deepEqual(deletions, []);
  t.like(await told(story, 'sick'), { DetectedUnhealthy: 1 });
  await checkOnce(story, () => deletions.length > 0);
  await checkOnce(story, ({ currentHealthy }) => currentHealthy === 4);
  await story.advance(30);
  t.deepEqual(deletions, ['sick']);
  t.is((await sets.machines()).length, 4);
  t.is(await story.machine('sick'), undefined);
  t.like(await told(story, 'sick'), { DetectedUnhealthy: 1, MachineDeleted: 1 });
  t.like(await told(story, 'check'), { MachineDeleted: 1 });
});

test('machines that fall sick again and again are each replaced once, without a hot loop', async (t) => {
  const sets = await startSetStory(t, { manager: false });
  const { story } = sets;
  const manager = await startMeasuredManager(story);
  await createSet(sets, 5, {
    turnUnhealthyPeriodically: true,
    healthyDuration: '30s',
    unhealthyDuration: '20s',
  });
  await sets.atRest(5);
  const deletions = watchDeletions(story);
  await story.client.create(machineHealthChecks, newCheck());
  await story.advance(120);
  const times = [...(await deletionsTold(story)).values()];
  t.true(
    times.length >= 5 && times.every((count) => count === 1),
    `deleted: ${times.join()} times`,
  );
  // Each lives for about 42 seconds.
  t.true(deletions.length >= 10 && deletions.length <= 15, `${deletions.length} replaced`);
  const reconciles = await manager.reconcilesOf('machinehealthcheck');
  // As many as there are changes, of which a busy real control plane makes more.
  t.true(
    reconciles > 10 && reconciles < (isReal ? 600 : 240),
    `${reconciles} reconciles in two minutes`,
  );
});

test('when too many are sick none is replaced, until more may be', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  for (const name of ['one', 'two']) await createSick(story, name, 5);
  await createSet(sets, 3);
  await sets.atRest(3);
  const deletions = watchDeletions(story);
  await story.client.create(machineHealthChecks, newCheck({ maxUnhealthy: '40%' }));
  const status = await checkOnce(story, (now) => reasonOf(now) === 'TooManyUnhealthy');
  t.like(status, { expectedMachines: 3, remediationsAllowed: 0 });
  let requests = 0;
  story.cluster.server.onRequest(({ resource }) => {
    if (resource === 'machinehealthchecks') requests += 1;
  });
  await story.advance(60);
  t.deepEqual(deletions, []);
  t.like(await told(story, 'check'), { RemediationRestricted: 1 });
  t.true(requests <= 2, `${requests} requests while nothing happens`);

  await story.client.patch(machineHealthChecks, checkKey, { spec: { maxUnhealthy: 2 } });
  await checkOnce(story, ({ currentHealthy }) => currentHealthy === 3);
  t.deepEqual(deletions.toSorted(), ['one', 'two']);
});

test('a machine whose Node is gone is replaced at once', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  await createSet(sets, 2);
  await sets.atRest(2);
  await story.client.create(machineHealthChecks, newCheck());
  await checkOnce(story, ({ currentHealthy }) => currentHealthy === 2);
  const deletions = watchDeletions(story);
  const [victim] = await sets.machines();
  const node = victim?.status?.nodeRef?.name ?? '';
  await story.client.delete(nodes, { namespace: '', name: node });
  await story.advance(2);
  if (isReal) await story.eventually('one is deleted', async () => deletions.length > 0);
  t.deepEqual(deletions, [victim?.metadata.name]);
  await checkOnce(story, ({ currentHealthy }) => currentHealthy === 2);
});

test('a machine that gets no Node in time is replaced', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  await createSet(sets, 1, { image: 'example.com/does-not-run' });
  const deletions = watchDeletions(story);
  await story.client.create(machineHealthChecks, newCheck({ nodeStartupTimeout: '30s' }));
  await story.advance(isReal ? 15 : 29);
  t.deepEqual(deletions, []);
  const [machine] = await sets.machines();
  await story.eventually('it is deleted', async () => {
    await story.advance(0.5);
    return deletions.length > 0;
  });
  const seconds =
    (story.clock.now() - Date.parse(machine?.metadata.creationTimestamp ?? '')) / 1000;
  t.true(seconds >= 30 && seconds < (isReal ? 60 : 34), `after ${seconds} s`);
  t.deepEqual(deletions, [machine?.metadata.name]);
});

test('a machine that nobody would replace stays, and that is told', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  await createSick(story, 'alone', 5);
  await story.client.create(machineHealthChecks, newCheck());
  await story.advance(40);
  t.like(await told(story, 'alone'), { SkippedNoController: 1 });
  t.is((await story.machine('alone'))?.metadata.deletionTimestamp, undefined);
});

const standstills: [what: string, check: MachineHealthCheck][] = [
  [
    'is paused',
    { ...newCheck(), metadata: { ...checkKey, annotations: { 'cluster.x-k8s.io/paused': '' } } },
  ],
  ['leaves repairs to others', newCheck({ remediationTemplate: { kind: 'RebootTemplate' } })],
  [
    'cannot be understood',
    newCheck({ selector: { matchExpressions: [{ key: 'set', operator: 'Like' }] } }),
  ],
];

for (const [what, check] of standstills) {
  test(`nothing is replaced by a health check that ${what}`, async (t) => {
    const sets = await startSetStory(t);
    const { story } = sets;
    await createSick(story, 'sick', 5);
    await createSet(sets, 1);
    await sets.atRest(1);
    const deletions = watchDeletions(story);
    await story.client.create(machineHealthChecks, check);
    await story.advance(40);
    t.deepEqual(deletions, []);
    const { status } = await story.client.get(machineHealthChecks, checkKey);
    const isTold = status !== undefined && (await told(story, 'check'))['RemediationRestricted'];
    t.is(isTold, what === 'is paused' ? false : 1);
  });
}

test('a machine that is healthy again does not pay for a watch that is behind', async (t) => {
  const sets = await startSetStory(t);
  const { story } = sets;
  const config = {
    turnUnhealthyPeriodically: true,
    healthyDuration: '30s',
    unhealthyDuration: '15s',
  };
  await createSet(sets, 1, config);
  await sets.atRest(1);
  const timeout = { type: 'Ready', status: 'False', timeout: '20s' };
  await story.client.create(machineHealthChecks, newCheck({ unhealthyConditions: [timeout] }));
  const deletions = watchDeletions(story);
  await checkOnce(story, ({ currentHealthy }) => currentHealthy === 0);

  const { faults } = story.cluster.server;
  const error = { code: 503, reason: 'ServiceUnavailable', message: 'no watch for you' };
  for (const verb of ['watch', 'list'] as const) {
    faults.add({ verb, resource: 'nodes', userAgent: 'manager', error });
  }
  faults.dropWatches({ resource: 'nodes', userAgent: 'manager' });
  let looks = 0;
  story.cluster.server.onRequest(({ userAgent, verb, resource }) => {
    if (userAgent.startsWith('manager') && verb === 'get' && resource === 'nodes') looks += 1;
  });
  await story.advance(25);
  t.true(looks > 0, 'nothing was to be deleted');
  faults.clear();
  await story.advance(40);
  t.deepEqual(deletions, []);
  t.is((await story.client.list(machines)).items.length, 1);
});
