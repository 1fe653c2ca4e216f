import test from 'ava';
import { faultAnnotation } from '#api/faults/injection.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { namespace } from '#test/helpers/cluster-api-core.ts';
import {
  machineWithReason,
  startClusterAPI,
  type ClusterAPIStory,
} from '#test/helpers/cluster-api.ts';
import { readyCondition } from '#test/helpers/story.ts';

const key = { namespace, name: 'worker' };

/** Waits, with time passing, until the node is in that state. */
async function isReady({ story }: ClusterAPIStory, status: string): Promise<void> {
  await story.eventually(`Ready is ${status}`, async () => {
    await story.advance(0.5);
    return readyCondition(await story.node('worker'))?.status === status;
  });
}

test('a node fails as the spec of its machine says', async (t) => {
  const all = await startClusterAPI(t);
  const faults = [{ type: 'NotReady', after: '20s', duration: '10s', period: '30s' }] as const;
  await all.core.createMachine('worker', { faults: [...faults] });
  await machineWithReason(all, 'worker', 'Provisioned');
  await isReady(all, 'True');
  await isReady(all, 'False');
  await isReady(all, 'True');
  t.pass();
});

test('a running node fails on demand, and heals', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker');
  await machineWithReason(all, 'worker', 'Provisioned');
  await isReady(all, 'True');
  const ask = (value: string | null) =>
    story.client.patch(kubemarkMachines, key, {
      metadata: { annotations: { [faultAnnotation]: value } },
    });
  await ask('NotReady for 30s');
  await isReady(all, 'False');
  const { fault } = (await core.infrastructure('worker'))?.status ?? {};
  t.is(fault?.asked, 'NotReady for 30s');
  t.is(Date.parse(fault?.until ?? '') - Date.parse(fault?.since ?? ''), 30_000);
  await isReady(all, 'True');
  const machine = await story.eventually('nobody asks for anything any more', async () => {
    await story.advance(0.5);
    const found = await core.infrastructure('worker');
    const node = await story.node('worker');
    const isOver =
      found?.metadata.annotations?.[faultAnnotation] === undefined &&
      found?.status?.fault === undefined &&
      node?.metadata.annotations?.[faultAnnotation] === undefined;
    return isOver && found;
  });
  t.is(machine.status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True');

  await ask('NotReady sometimes');
  await story.eventually('it is told what is wrong', async () => {
    await story.advance(0.5);
    return (await core.infrastructure('worker'))?.status?.fault?.error;
  });
  const told = (await story.events('worker')).filter(({ reason }) => reason?.includes('Fault'));
  const reasons = told.map(({ reason = '' }) => reason).toSorted();
  t.deepEqual(reasons, ['FaultEnded', 'FaultInjected', 'InvalidFault']);
});

test('a fault that is asked for before the node has joined begins when it has', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker', { faults: [{ type: 'LateJoin', duration: '60s' }] });
  await machineWithReason(all, 'worker', 'Provisioned');
  const annotations = { [faultAnnotation]: 'NotReady for 5s' };
  await story.client.patch(kubemarkMachines, key, { metadata: { annotations } });
  await isReady(all, 'False');
  const { fault } = (await core.infrastructure('worker'))?.status ?? {};
  const joined = Date.parse((await story.node('worker'))?.metadata.creationTimestamp ?? '');
  t.true(Date.parse(fault?.since ?? '') >= joined);
  await isReady(all, 'True');
});

test('a fault for a kubemark without a proxy is told as a mistake', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  await core.createMachine('worker', { image: 'gofed/kubemark:v1.11.3-6' });
  await machineWithReason(all, 'worker', 'Provisioned');
  const annotations = { [faultAnnotation]: 'NotReady for 30s' };
  await story.client.patch(kubemarkMachines, key, { metadata: { annotations } });
  const fault = await story.eventually('it is told', async () => {
    await story.advance(0.5);
    return (await core.infrastructure('worker'))?.status?.fault;
  });
  t.regex(fault.error ?? '', /want a machine with faultInjector "Proxy"/);
  t.is((await story.node('worker'))?.metadata.annotations?.[faultAnnotation], undefined);
});
