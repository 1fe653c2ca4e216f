import { nodes } from '#api/core.ts';
import { eventually, pause } from '../harness/eventually.ts';
import { readyOf } from '../harness/stage.ts';
import type { Checks } from './check.ts';

export const registration: Checks = {
  'registers with its labels and taints, turns Ready, and the lifecycle controller frees it':
    async (t, stage) => {
      const args = ['--node-labels=team=red,zone=a', '--register-with-taints=k=v:PreferNoSchedule'];
      const node = await stage.startNode('joins', ...args);
      const { metadata, spec } = await node.usable();
      t.like(metadata.labels, { team: 'red', zone: 'a', 'kubernetes.io/hostname': node.name });
      t.deepEqual(spec?.taints, [{ key: 'k', value: 'v', effect: 'PreferNoSchedule' }]);
      t.is(spec?.providerID, `kubemark://${node.name}`);
      t.deepEqual(node.readyHistory, stage.subject.differences.readyAtStart);
      const [first] = stage.cluster.nodes.history(node.name);
      t.deepEqual(
        first?.spec?.taints?.map(({ key }) => key),
        ['k', 'node.kubernetes.io/not-ready'],
      );
      const said = await eventually('the node controller has seen it', () => {
        const about = stage.cluster.eventsAbout(node.name);
        return about.length > 0 && about;
      });
      t.deepEqual(
        said.map(({ reason, source }) => [reason, source?.component]),
        [['RegisteredNode', 'node-controller']],
      );
    },

  'renews a lease that belongs to its Node every ten seconds': async (t, stage) => {
    const node = await stage.startNode('renews');
    const { metadata } = await node.usable();
    const history = await eventually('the lease is renewed twice', () => {
      const all = stage.cluster.leases.history(node.name);
      return all.length >= 3 && all;
    });
    const [first, ...others] = history.map(({ spec }) => Date.parse(spec?.renewTime ?? ''));
    for (const [index, time] of others.entries()) {
      const seconds = (time - ([first, ...others][index] ?? 0)) / 1000;
      t.true(seconds > 9 && seconds < 20, `${seconds} s`);
    }
    t.deepEqual(node.lease?.metadata.ownerReferences, [
      { apiVersion: 'v1', kind: 'Node', name: node.name, uid: metadata.uid ?? '' },
    ]);
    t.like(node.lease?.spec, { holderIdentity: node.name, leaseDurationSeconds: 40 });
  },

  'puts right what somebody else writes into its status': async (t, stage) => {
    const node = await stage.startNode('insists');
    await node.usable();
    const conditions = [{ type: 'Ready', status: 'False', reason: 'Meddling', message: '' }];
    const options = { subresource: 'status', type: 'strategic' } as const;
    const key = { namespace: '', name: node.name };
    await stage.cluster.client.patch(nodes, key, { status: { conditions } }, options);
    await eventually('Ready is False', () => node.ready?.reason === 'Meddling');
    await node.usable();
    t.like(node.ready, { reason: 'KubeletReady', message: 'kubelet is posting ready status' });
  },

  'takes its Node back after a restart, with what others have written': async (t, stage) => {
    const node = await stage.startNode('restarts', '--node-labels=team=red');
    const before = await node.usable();
    const versions = stage.cluster.nodes.history(node.name).length;
    await node.kill();
    const key = { namespace: '', name: node.name };
    const taints = [{ key: 'k', effect: 'PreferNoSchedule' }];
    const labels = { team: 'blue', more: '' };
    const metadata = { labels, annotations: { note: 'x' } };
    await stage.cluster.client.patch(nodes, key, {
      metadata,
      spec: { taints, unschedulable: true },
    });
    const isSince = (time = ''): boolean => Date.parse(time) >= restarted;
    await pause(1); // times of a status are whole seconds
    const restarted = Math.floor(Date.now() / 1000) * 1000;
    await node.start();
    await eventually('lease and status are written', () => {
      return isSince(node.lease?.spec?.renewTime) && isSince(node.ready?.lastHeartbeatTime);
    });
    await eventually('it is Ready', () => node.ready?.status === 'True');
    t.is(node.object?.metadata.uid, before.metadata.uid);
    t.like(node.object?.metadata, metadata);
    t.true(node.taints.includes('k:PreferNoSchedule'));
    t.true(node.object?.spec?.unschedulable);
    const since = stage.cluster.nodes.history(node.name).slice(versions);
    t.false(
      since.some((version) => readyOf(version)?.status === 'False'),
      'Ready does not show the restart',
    );
  },

  'leaves a Node that was deleted alone, until it is started again': async (t, stage) => {
    const { cluster, subject } = stage;
    const node = await stage.startNode('removed');
    const { metadata } = await node.usable();
    await eventually('the lease is there', () => node.lease);
    await cluster.client.delete(nodes, { namespace: '', name: node.name });
    await eventually('the Node is gone', () => node.object === undefined);
    await pause(22); // two status updates and two renewals of the lease
    t.is(node.object, undefined);
    t.is(node.lease !== undefined, subject.differences.leaksLease);
    await node.kill();
    await node.start();
    const { metadata: again } = await node.usable();
    t.not(again.uid, metadata.uid);
    await eventually('the lease belongs to the new Node', () => {
      return node.lease?.metadata.ownerReferences?.[0]?.uid === again.uid;
    });
  },
};
