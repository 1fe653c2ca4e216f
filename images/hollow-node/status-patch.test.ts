import test from 'ava';
import type { Node } from '#api/core.ts';
import { kubemarkFlags } from '#test/helpers/hollow-node.ts';
import { conditionsOf } from './testing/conditions-of.ts';
import type { Fault } from '#api/faults/decode.ts';
import { newNode, nodeFacts, withTimes } from './node.ts';
import { hollowNodeOptions } from './options.ts';
import { isStored, statusPatch } from './status-patch.ts';

const start = '2030-01-01T00:00:00Z';
const now = '2030-01-01T00:00:40Z';
const healthy = conditionsOf([]);
const fault: Fault = { type: 'NotReady', after: 0, message: 'asked to' };
const notReady = conditionsOf([fault]);
const order = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready'].map((type) => ({ type }));

const facts = (...args: string[]) =>
  nodeFacts(hollowNodeOptions(kubemarkFlags('--name=a', ...args)), '192.0.2.7');

function stored(...args: string[]): Node {
  const options = hollowNodeOptions(kubemarkFlags('--name=a', ...args));
  const node = newNode(options, facts(...args), withTimes(healthy, [], start));
  return { ...node, metadata: { ...node.metadata, uid: 'u1' } };
}

test('a heartbeat moves the heartbeat times and nothing else', (t) => {
  t.deepEqual(statusPatch({ stored: stored(), values: healthy, now }), {
    metadata: { uid: 'u1' },
    status: {
      '$setElementOrder/conditions': order,
      conditions: order.map(({ type }) => ({ type, lastHeartbeatTime: now })),
    },
  });
});

test('a change tells its condition in full', (t) => {
  const patch = statusPatch({ stored: stored(), values: notReady, now });
  t.like(patch, {
    status: {
      conditions: {
        3: {
          type: 'Ready',
          status: 'False',
          reason: 'KubeletNotReady',
          message: 'asked to',
          lastHeartbeatTime: now,
          lastTransitionTime: now,
        },
      },
    },
  });
});

test('an adopted Node gets the facts that differ', (t) => {
  const patch = statusPatch({
    stored: stored('--num-cores=2', '--extended-resources=example.com/gpu=1'),
    values: healthy,
    facts: facts('--kubelet-port=10350'),
    now,
  });
  t.like(patch, {
    status: {
      capacity: { cpu: '1', 'example.com/gpu': null },
      allocatable: { cpu: '1', 'example.com/gpu': null },
      daemonEndpoints: { kubeletEndpoint: { Port: 10_350 } },
      nodeInfo: undefined,
      addresses: undefined,
    },
  });
});

test('conditions of others do not make ours different, a changed one does', (t) => {
  const node = stored();
  const foreign = { type: 'NetworkUnavailable', status: 'False' };
  node.status?.conditions?.unshift(foreign);
  t.true(isStored(healthy, node));
  t.false(isStored(notReady, node));
  node.status?.conditions?.pop();
  t.false(isStored(healthy, node));
});
