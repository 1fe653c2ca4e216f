import test from 'ava';
import type { Lease, Node } from '#api/core.ts';
import { isSilent, observeHealth, unknownConditions } from './health.ts';

const periods = { gracePeriod: 40_000, startupGracePeriod: 60_000 };

const node = (heartbeat?: string, status = 'True'): Node => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', creationTimestamp: '2030-01-01T00:00:00Z' },
  status: {
    conditions:
      heartbeat === undefined
        ? []
        : [
            { type: 'NetworkUnavailable', status: 'False' },
            {
              type: 'Ready',
              status,
              reason: 'KubeletReady',
              lastHeartbeatTime: heartbeat,
              lastTransitionTime: heartbeat,
            },
          ],
  },
});

const lease = (renewTime: string): Lease => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'n' },
  spec: { renewTime },
});

test('the first sight of a node counts as a sign of life', (t) => {
  t.is(observeHealth(undefined, node('a'), undefined, 7).lastSign, 7);
});

test('a heartbeat or a lease that stands still is no sign of life', (t) => {
  const first = observeHealth(undefined, node('a'), lease('x'), 0);
  t.is(observeHealth(first, node('a'), lease('x'), 5_000).lastSign, 0);
});

test('a moved heartbeat is a sign of life', (t) => {
  const first = observeHealth(undefined, node('a'), lease('x'), 0);
  t.is(observeHealth(first, node('b'), lease('x'), 5_000).lastSign, 5_000);
});

test('a renewed lease is a sign of life, even if its clock runs backwards', (t) => {
  const first = observeHealth(undefined, node('a'), lease('2030'), 0);
  t.is(observeHealth(first, node('a'), lease('1999'), 5_000).lastSign, 5_000);
});

test('a lease that disappears is no sign of life', (t) => {
  const first = observeHealth(undefined, node('a'), lease('x'), 0);
  t.is(observeHealth(first, node('a'), undefined, 5_000).lastSign, 0);
});

test('a node is silent once the grace period is over', (t) => {
  const health = observeHealth(undefined, node('a'), undefined, 0);
  t.false(isSilent(health, periods, 39_999));
  t.true(isSilent(health, periods, 40_000));
});

test('a node that never posted has the startup grace period', (t) => {
  const health = observeHealth(undefined, node(), undefined, 0);
  t.false(isSilent(health, periods, 59_999));
  t.true(isSilent(health, periods, 60_000));
});

test("a silent node's own conditions turn Unknown, others and heartbeats stay", (t) => {
  const conditions = unknownConditions(node('a'), 'now');
  t.deepEqual(conditions?.slice(0, 2), [
    { type: 'NetworkUnavailable', status: 'False' },
    {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastHeartbeatTime: 'a',
      lastTransitionTime: 'now',
    },
  ]);
  t.deepEqual(
    conditions?.slice(2).map(({ type, status, reason }) => [type, status, reason]),
    ['MemoryPressure', 'DiskPressure', 'PIDPressure'].map((type) => [
      type,
      'Unknown',
      'NodeStatusNeverUpdated',
    ]),
  );
});

test('a node that never posted gets every condition, dated from its creation', (t) => {
  const conditions = unknownConditions(node(), 'now');
  t.deepEqual(conditions?.[0], {
    type: 'Ready',
    status: 'Unknown',
    reason: 'NodeStatusNeverUpdated',
    message: 'Kubelet never posted node status.',
    lastHeartbeatTime: '2030-01-01T00:00:00Z',
    lastTransitionTime: 'now',
  });
  t.is(conditions?.length, 4);
});

test('conditions that are Unknown already do not change again', (t) => {
  const silent = node('a');
  const conditions = unknownConditions(silent, 'now') ?? [];
  t.is(unknownConditions({ ...silent, status: { conditions } }, 'later'), undefined);
});
