import test from 'ava';
import type { Pod } from '#api/core.ts';
import { summarize, summarizePause, type Observed } from './status.ts';

const earlier = '2030-01-01T00:00:00Z';
const now = '2030-01-01T00:00:10Z';

const running: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'default', name: 'worker' },
  spec: { nodeName: 'host', containers: [{ name: 'hollow-node', image: 'example.com/hollow' }] },
  status: { phase: 'Running', podIP: '10.0.0.1' },
};
const pending: Pod = { ...running, status: { phase: 'Pending' } };

const nothing: Observed = {
  generation: 2,
  isDeleting: false,
  problem: undefined,
  pod: undefined,
  nodeName: 'worker',
  zone: undefined,
  isInterruptible: false,
};
const waiting = { reason: 'WaitingForOwner', message: 'no Machine', isFinal: false };

const provisioned = summarize({}, { ...nothing, pod: running }, earlier);

const readyOf = (status: ReturnType<typeof summarize>) =>
  status.conditions?.find(({ type }) => type === 'Ready');

test('a Pod that runs makes both contracts call the machine provisioned', (t) => {
  t.like(provisioned, {
    ready: true,
    initialization: { provisioned: true },
    addresses: [
      { type: 'Hostname', address: 'worker' },
      { type: 'InternalIP', address: '10.0.0.1' },
    ],
    pod: { namespace: 'default', name: 'worker', phase: 'Running', nodeName: 'host' },
  });
  t.like(readyOf(provisioned), {
    status: 'True',
    reason: 'Provisioned',
    observedGeneration: 2,
    lastTransitionTime: earlier,
  });
});

for (const [title, observed, ready] of [
  ['a Pod that does not run yet', { pod: pending }, { reason: 'PodPending' }],
  ['no Pod', {}, { reason: 'NotProvisioned', message: 'there is no Pod worker' }],
  ['a wait', { problem: waiting }, { reason: 'WaitingForOwner', message: 'no Machine' }],
  [
    'a wait beside a Pod that runs',
    { problem: waiting, pod: running },
    { reason: 'WaitingForOwner' },
  ],
  ['a deletion', { isDeleting: true, pod: running }, { reason: 'Deleting' }],
  [
    'a deletion that waits',
    { isDeleting: true, problem: waiting },
    { reason: 'Deleting', message: 'WaitingForOwner: no Machine' },
  ],
] as const) {
  test(`${title} makes Ready False, and leaves provisioned as it was`, (t) => {
    const fresh = summarize({}, { ...nothing, ...observed }, now);
    t.like(readyOf(fresh), { status: 'False', ...ready });
    t.like(fresh, { ready: false, initialization: { provisioned: false } });
    const known = summarize(provisioned, { ...nothing, ...observed }, now);
    t.like(readyOf(known), { status: 'False', ...ready, lastTransitionTime: now });
    t.like(known, { ready: true, initialization: { provisioned: true } });
  });
}

test('the time of a condition only moves with its status', (t) => {
  const again = summarize(provisioned, { ...nothing, pod: running }, now);
  t.is(readyOf(again)?.lastTransitionTime, earlier);
});

test('zone and interruptibility are told where there are any', (t) => {
  t.like(summarize({}, { ...nothing, zone: 'a', isInterruptible: true }, now), {
    failureDomain: 'a',
    interruptible: true,
  });
  t.false('interruptible' in provisioned || 'failureDomain' in provisioned);
});

test('only what is final is a terminal failure, and it ends with its cause', (t) => {
  const final = { reason: 'InstanceLost', message: 'gone', isFinal: true };
  const lost = summarize(provisioned, { ...nothing, problem: final }, now);
  t.like(lost, { failureReason: 'InstanceLost', failureMessage: 'gone' });
  const back = summarize(lost, { ...nothing, pod: running }, now);
  t.false('failureReason' in back || 'failureMessage' in back);
});

test('a pause changes nothing but its own condition, and no message is empty', (t) => {
  const paused = summarizePause(provisioned, 'Cluster spec.paused is set to true', now);
  const { conditions = [], ...rest } = paused;
  const { conditions: _, ...before } = provisioned;
  t.deepEqual(rest, before);
  t.deepEqual(readyOf(paused), readyOf(provisioned));
  t.like(
    conditions.find(({ type }) => type === 'Paused'),
    { status: 'True', message: 'Cluster spec.paused is set to true' },
  );
  for (const { message } of [...conditions, ...(provisioned.conditions ?? [])]) t.not(message, '');
});
