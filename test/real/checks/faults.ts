import { eventually } from '../harness/eventually.ts';
import { newPod, tolerates } from '../harness/objects.ts';
import type { Checks } from './check.ts';
import { create, gone, runningPod } from './pods.ts';

/** For those who know the patched kubemark's flags. */
export const faults: Checks = {
  'is NotReady on schedule, and its Pods can only go when it is well again': async (t, stage) => {
    const { cluster } = stage;
    const flags = [
      '--turn-unhealthy-periodically',
      '--healthy-duration=15s',
      '--unhealthy-duration=8s',
    ];
    const node = await stage.startNode('flaps', ...flags);
    await node.usable();
    const name = `${node.name}-pod`;
    await create(stage, newPod(name, node.name, tolerates('NoExecute', 1)));
    await runningPod(stage, name);
    await eventually('it is NotReady', () => node.ready?.status === 'False');
    await eventually('it is tainted', () => node.taints.length === 2);
    t.deepEqual(node.taints, [
      'node.kubernetes.io/not-ready:NoExecute',
      'node.kubernetes.io/not-ready:NoSchedule',
    ]);
    const evicted = await eventually('the Pod is evicted', () => {
      const pod = cluster.pods.get(name);
      return pod?.metadata.deletionTimestamp !== undefined && pod;
    });
    t.is(evicted.status?.phase, 'Running', 'but a kubelet whose runtime is down stops nothing');
    await gone(stage, name);
    t.deepEqual(node.readyHistory.slice(0, 3), ['True', 'False', 'True']);
    t.false(node.readyHistory.includes('Unknown'), 'the lease is renewed all along');
    await node.usable();
  },
};
