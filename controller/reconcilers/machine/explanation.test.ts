import test from 'ava';
import type { Node, Pod } from '#api/core.ts';
import type { MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { explanationOf } from './explanation.ts';
import { newsIn } from './news.ts';
import { summarize, type Observed } from './status.ts';

const now = '2030-01-01T00:00:00Z';
const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'worker', uid: 'one' } };
const nextNode: Node = { ...node, metadata: { name: 'worker', uid: 'two' } };
const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'pods', name: 'worker' },
  status: { phase: 'Running' },
};
const pending: Pod = { ...pod, status: { phase: 'Pending' } };
const full: Pod = {
  ...pod,
  status: {
    phase: 'Pending',
    conditions: [
      { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: 'no room' },
    ],
  },
};
const failure = { reason: 'FailedCreate', message: 'exceeded quota' };
const waiting = { reason: 'WaitingForPod', message: 'Pod pods/worker is being deleted' };
const healthy: Observed = {
  isDeleting: false,
  isStatic: false,
  pod,
  node,
  address: '10.0.0.1',
  failure: undefined,
  waiting: undefined,
};
const deleting: Observed = { ...healthy, isDeleting: true };
const nodeRef = { kind: 'Node', name: 'worker', uid: 'one' };
const withNode = summarize({ nodeRef }, healthy, now);
const { nodeRef: _, ...unlinked } = withNode;

const cases: [reason: string, when: string, before: MachineStatus, observed: Observed][] = [
  ['', 'all is well', withNode, healthy],
  ['', 'the Pod is on its way', {}, { ...healthy, pod: pending, node: undefined }],
  ['', 'the Node is on its way', {}, { ...healthy, node: undefined }],
  ['PodUnscheduled', 'no node takes the Pod', {}, { ...healthy, pod: full, node: undefined }],
  ['NodeLost', 'the Node it had is gone', withNode, { ...healthy, node: undefined }],
  ['NodeLost', 'the next one is not linked yet', withNode, { ...healthy, node: nextNode }],
  ['', 'somebody took the link away', unlinked, healthy],
  ['', 'another controller knows the Node already', { nodeRef }, { ...healthy, node: undefined }],
  ['FailedCreate', 'something failed', withNode, { ...healthy, failure, pod: full }],
  ['WaitingForPod', 'it is deleted', withNode, { ...deleting, waiting }],
  [
    'FailedDelete',
    'its deletion fails',
    {},
    { ...deleting, failure: { ...failure, reason: 'FailedDelete' } },
  ],
  ['', 'nothing holds its deletion', withNode, { ...deleting, node: undefined }],
  [
    '',
    'its Pod is about to be replaced',
    withNode,
    { ...healthy, pod: { ...pod, status: { phase: 'Failed' } } },
  ],
];

for (const [reason, when, before, observed] of cases) {
  test(`the reason is "${reason}" when ${when}`, (t) => {
    t.is(explanationOf(before, observed)?.reason ?? '', reason);
  });
}

/** The reasons of the events that go with a change. */
function told(before: MachineStatus, observed: Observed): string[] {
  const events = newsIn(before, summarize(before, observed, now), observed);
  return events.map(({ type, reason }) => `${type} ${reason}`);
}

test('a problem is told once', (t) => {
  const lost = { ...healthy, node: undefined };
  t.deepEqual(told(withNode, lost), ['Warning NodeLost']);
  t.deepEqual(told(summarize(withNode, lost, now), lost), []);
});

test('what a deletion waits for is no warning', (t) => {
  t.deepEqual(told(withNode, { ...deleting, waiting }), []);
});

test('a reason that comes and goes does not move lastUpdated', (t) => {
  const first = summarize({ nodeRef }, healthy, now);
  const lost = summarize(first, { ...healthy, node: undefined }, '2030-01-01T01:00:00Z');
  t.like(lost, { lastUpdated: now, providerStatus: { reason: 'NodeLost' } });
});
