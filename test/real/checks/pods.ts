import { nodes, pods, type Pod } from '#api/core.ts';
import { eventually } from '../harness/eventually.ts';
import { newPod, tolerates } from '../harness/objects.ts';
import type { Stage } from '../harness/stage.ts';
import type { Checks } from './check.ts';

const [c1, c2] = ['c1', 'c2'].map((name) => ({ name, image: `example.com/${name}:1` }));

export const podChecks: Checks = {
  'runs the Pods that the scheduler gives it': async (t, stage) => {
    const node = await stage.startNode('runs');
    const { status: nodeStatus } = await node.usable();
    const containers = [c1, c2].filter((container) => container !== undefined);
    const names = ['first', 'second'].map((name) => `${node.name}-${name}`);
    for (const name of names) await create(stage, newPod(name, node.name, { containers }));
    const running = await Promise.all(names.map((name) => runningPod(stage, name)));
    const addresses = running.map(({ status }) => status?.podIP);
    t.is(new Set(addresses).size, stage.subject.differences.hasOwnPodAddresses ? 2 : 1);
    for (const { metadata, spec, status } of running) {
      t.deepEqual(statesOf(stage, metadata.name ?? ''), stage.subject.differences.containerStates);
      t.is(spec?.nodeName, node.name);
      t.is(status?.hostIP, nodeStatus?.addresses?.[0]?.address);
      t.deepEqual(status?.podIPs, [{ ip: status?.podIP ?? '' }]);
      t.deepEqual(
        status?.containerStatuses?.map(({ name, ready, started }) => [name, ready, started]),
        [
          ['c1', true, true],
          ['c2', true, true],
        ],
      );
    }
  },

  'finishes a deletion long before the end of the grace period': async (t, stage) => {
    const { cluster } = stage;
    const node = await stage.startNode('finishes');
    await node.usable();
    const name = `${node.name}-pod`;
    await create(stage, newPod(name, node.name, { terminationGracePeriodSeconds: 600 }));
    await runningPod(stage, name);
    await cluster.client.delete(pods, { namespace: 'default', name });
    await gone(stage, name);
    const last = cluster.pods.history(name).at(-1);
    t.is(last?.metadata.deletionGracePeriodSeconds, 0, 'the node has deleted it');
    t.is(last?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 0);
  },

  'gets no Pods while it is cordoned, and keeps those it has': async (t, stage) => {
    const { client, pods: seen } = stage.cluster;
    const node = await stage.startNode('cordoned');
    await node.usable();
    const [before, after] = [`${node.name}-before`, `${node.name}-after`];
    await create(stage, newPod(before, node.name));
    await runningPod(stage, before);
    const cordon = (unschedulable: boolean): Promise<unknown> =>
      client.patch(nodes, { namespace: '', name: node.name }, { spec: { unschedulable } });
    await cordon(true);
    await eventually('the Node is cordoned', () =>
      node.taints.includes('node.kubernetes.io/unschedulable:NoSchedule'),
    );
    await create(stage, newPod(after, node.name));
    await eventually('the scheduler finds no node', () =>
      stage.cluster.eventsAbout(after).some(({ reason }) => reason === 'FailedScheduling'),
    );
    t.is(seen.get(before)?.status?.phase, 'Running');
    t.is(node.ready?.status, 'True');
    await cordon(false);
    await runningPod(stage, after);
  },

  'loses Pods to a NoExecute taint, as their tolerations say': async (t, stage) => {
    const { client, pods: seen } = stage.cluster;
    const node = await stage.startNode('tainted');
    await node.usable();
    const tolerations = {
      none: {},
      some: tolerates('NoExecute', 4),
      all: tolerates('NoExecute'),
    };
    const nameOf = (kind: string): string => `${node.name}-${kind}`;
    for (const [kind, spec] of Object.entries(tolerations)) {
      await create(stage, newPod(nameOf(kind), node.name, spec));
    }
    for (const kind of Object.keys(tolerations)) await runningPod(stage, nameOf(kind));
    const taints = [{ key: 'out', effect: 'NoExecute' }];
    const begin = performance.now();
    await client.patch(nodes, { namespace: '', name: node.name }, { spec: { taints } });
    await gone(stage, nameOf('none'));
    await gone(stage, nameOf('some'));
    t.true(performance.now() - begin > 4_000);
    t.is(seen.get(nameOf('all'))?.metadata.deletionTimestamp, undefined);
    t.is(seen.get(nameOf('all'))?.status?.phase, 'Running');
  },

  'takes as many Pods as fit': async (t, stage) => {
    const node = await stage.startNode('full');
    await node.usable();
    const containers = [{ name: 'main', image: 'x', resources: { requests: { cpu: '600m' } } }];
    const [one, other] = [`${node.name}-one`, `${node.name}-other`];
    await create(stage, newPod(one, node.name, { containers }));
    await runningPod(stage, one);
    await create(stage, newPod(other, node.name, { containers }));
    await eventually('there is no room', () => {
      const about = stage.cluster.eventsAbout(other);
      return about.some(({ message }) => message?.includes('Insufficient cpu'));
    });
    t.is(stage.cluster.pods.get(other)?.spec?.nodeName, undefined);
    await stage.cluster.client.delete(pods, { namespace: 'default', name: one });
    await runningPod(stage, other);
  },

  'starts init containers': async (t, stage) => {
    const node = await stage.startNode('prepares');
    await node.usable();
    const name = `${node.name}-pod`;
    const initContainers = [{ name: 'init', image: 'example.com/init:1' }];
    await create(stage, newPod(name, node.name, { initContainers }));
    const { status } = await eventually('the init container has started', () => {
      const pod = stage.cluster.pods.get(name);
      const state = pod?.status?.initContainerStatuses?.[0]?.state;
      return (state?.running ?? state?.terminated) !== undefined && pod;
    });
    t.is(status?.phase, stage.subject.differences.phaseWithInitContainer);
  },
};

export function create({ cluster }: Stage, pod: Pod): Promise<Pod> {
  return cluster.client.create(pods, pod);
}

/** What the first container of a Pod has been, in order. */
function statesOf({ cluster }: Stage, name: string): string[] {
  const states = cluster.pods
    .history(name)
    .flatMap(({ status }) => Object.keys(status?.containerStatuses?.[0]?.state ?? {}));
  return [...new Set(states)];
}

/** Until all conditions are True. */
export function runningPod({ cluster }: Stage, name: string): Promise<Pod> {
  return eventually(`${name} is Running`, () => {
    const pod = cluster.pods.get(name);
    const { phase, conditions = [] } = pod?.status ?? {};
    const isWell = conditions.length === 4 && conditions.every(({ status }) => status === 'True');
    return phase === 'Running' && isWell && pod;
  });
}

export function gone({ cluster }: Stage, name: string): Promise<true | undefined | false> {
  return eventually(`${name} is gone`, () => cluster.pods.get(name) === undefined);
}
