import { pods } from '#api/core.ts';
import { eventually, pause } from '../harness/eventually.ts';
import { newPod, tolerates } from '../harness/objects.ts';
import type { Checks } from './check.ts';
import { create, gone, runningPod } from './pods.ts';

const unreachable = ['NoExecute', 'NoSchedule'].map(
  (effect) => `node.kubernetes.io/unreachable:${effect}`,
);

export const outage: Checks = {
  'turns Unknown when it is silent, loses its Pods, and comes back': async (t, stage) => {
    const { cluster } = stage;
    const node = await stage.startNode('silent');
    await node.usable();
    const [loyal, fickle] = [`${node.name}-loyal`, `${node.name}-fickle`];
    await create(stage, newPod(loyal, node.name, tolerates('NoExecute')));
    await create(stage, newPod(fickle, node.name, tolerates('NoExecute', 1)));
    await runningPod(stage, loyal);
    await runningPod(stage, fickle);

    node.relay.cut();
    await eventually('it is Unknown', () => node.ready?.status === 'Unknown');
    for (const { status, reason, message } of node.object?.status?.conditions ?? []) {
      t.deepEqual([status, reason], ['Unknown', 'NodeStatusUnknown']);
      t.is(message, 'Kubelet stopped posting node status.');
    }
    await eventually('it is tainted', () =>
      unreachable.every((taint) => node.taints.includes(taint)),
    );
    const evicted = await eventually('a Pod is evicted', () => {
      const pod = cluster.pods.get(fickle);
      return pod?.metadata.deletionTimestamp !== undefined && pod;
    });
    const isReady = (name: string): string | undefined =>
      cluster.pods.get(name)?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
    await eventually('the other one is not Ready', () => isReady(loyal) === 'False');
    t.is(evicted.status?.phase, 'Running', 'nobody has stopped it');
    t.true(cluster.eventsAbout(node.name).some(({ reason }) => reason === 'NodeNotReady'));

    node.relay.mend();
    await node.usable();
    t.deepEqual(node.taints, []);
    await gone(stage, fickle);
    await runningPod(stage, loyal);
    t.deepEqual(node.readyHistory, [...stage.subject.differences.readyAtStart, 'Unknown', 'True']);
  },

  'catches up with what it has missed': async (t, stage) => {
    const { client, pods: seen } = stage.cluster;
    const node = await stage.startNode('misses');
    await node.usable();
    const [old, forced, late] = [`${node.name}-old`, `${node.name}-forced`, `${node.name}-late`];
    for (const name of [old, forced]) await create(stage, newPod(name, node.name));
    for (const name of [old, forced]) await runningPod(stage, name);
    node.relay.cut();
    await client.delete(pods, { namespace: 'default', name: old });
    await client.delete(pods, { namespace: 'default', name: forced }, { gracePeriodSeconds: 0 });
    await create(stage, newPod(late, node.name));
    await eventually('the new Pod is bound', () => seen.get(late)?.spec?.nodeName);
    t.is(seen.get(late)?.status?.phase, 'Pending');
    node.relay.mend();
    await runningPod(stage, late);
    await gone(stage, old);
  },

  'keeps its Pods over a restart': async (t, stage) => {
    const { client, pods: seen } = stage.cluster;
    const node = await stage.startNode('reboots');
    await node.usable();
    const [kept, deleted] = [`${node.name}-kept`, `${node.name}-deleted`];
    for (const name of [kept, deleted]) await create(stage, newPod(name, node.name));
    const { status: before } = await runningPod(stage, kept);
    await runningPod(stage, deleted);
    await node.kill();
    await client.delete(pods, { namespace: 'default', name: deleted });
    const versions = seen.history(kept).length;
    await node.start();
    await gone(stage, deleted);
    await pause(5); // a kubelet looks at all its Pods when it starts
    const since = seen.history(kept).slice(versions);
    t.deepEqual(
      since.map(({ status }) => status?.phase),
      stage.subject.differences.phasesAfterRestart,
    );
    const { status: after } = await runningPod(stage, kept);
    t.is(after?.startTime, before?.startTime);
    t.is(after?.podIP, before?.podIP);
    t.is(after?.containerStatuses?.[0]?.restartCount, 0);
  },
};
