import test from 'ava';
import type { Node } from '#api/core.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { timestamp } from '#api/timestamp.ts';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { newMachine } from '#test/helpers/story.ts';
import { nextAvailability, summarize, type Member, type Observed } from './status.ts';

const now = Date.UTC(2030, 0, 1);

/** A member whose Node turned Ready (or what is given) so many seconds ago. */
function member(secondsAgo: number, status = 'True', labels = { set: 'workers' }): Member {
  const lastTransitionTime = timestamp(now - secondsAgo * 1000);
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node' },
    status: { conditions: [{ type: 'Ready', status, lastTransitionTime }] },
  };
  return { machine: newMachine('worker', { labels }), node };
}

const nodeless: Member = {
  machine: newMachine('new', { labels: { set: 'workers' } }),
  node: undefined,
};

function set(minReadySeconds: number, status: MachineSet['status'] = {}): MachineSet {
  const fresh = newMachineSet('workers', { minReadySeconds });
  return { ...fresh, metadata: { ...fresh.metadata, generation: 7 }, status };
}

const observed = (members: Member[], failure?: Observed['failure']): Observed => ({
  members,
  failure,
  now,
});

test('counts what is there, labelled, ready and available', (t) => {
  const unlike = { set: 'others' };
  const members = [
    nodeless,
    member(60),
    member(5),
    member(60, 'False'),
    member(60, 'True', unlike),
  ];
  t.deepEqual(summarize(set(10), observed(members)), {
    replicas: 5,
    fullyLabeledReplicas: 4,
    readyReplicas: 3,
    availableReplicas: 2,
    observedGeneration: 7,
    labelSelector: 'set=workers',
  });
});

test('without minReadySeconds what is ready is available at once, also when the clock of its Node is ahead', (t) => {
  t.is(summarize(set(0), observed([member(-30)])).availableReplicas, 1);
  t.is(nextAvailability(set(0), observed([member(-30)])), undefined);
  t.is(summarize(set(10), observed([member(10)])).availableReplicas, 1);
});

test('the next look is when the next member turns available', (t) => {
  t.is(nextAvailability(set(10), observed([member(3), member(8), member(20), nodeless])), 2000);
  t.is(nextAvailability(set(10), observed([member(20), member(3, 'Unknown')])), undefined);
});

test('a Node that does not say since when it is Ready is available', (t) => {
  const { machine, node } = member(0);
  const conditions = [{ type: 'Ready', status: 'True' }];
  const silent = { machine, node: { ...node!, status: { conditions } } };
  t.is(summarize(set(10), observed([silent])).availableReplicas, 1);
});

test('what cannot work tells why until it works', (t) => {
  const failure = {
    reason: 'ReconcileError',
    message: 'no',
    errorReason: 'InvalidConfiguration',
  } as const;
  const status = summarize(set(0), observed([], failure));
  t.like(status, {
    errorReason: 'InvalidConfiguration',
    errorMessage: 'no',
  });
  t.like(status.conditions?.[0], { type: 'ReplicaFailure', reason: 'InvalidConfiguration' });
  t.like(summarize(set(0, status), observed([])), {
    errorReason: undefined,
    errorMessage: undefined,
    conditions: undefined,
  });
});

test('a failure that is tried again is a condition, whose time stands while it lasts', (t) => {
  const foreign = { type: 'Theirs', status: 'True' };
  const first = summarize(
    set(0, { conditions: [foreign] }),
    observed([], { reason: 'FailedCreate', message: 'quota' }),
  );
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    lastTransitionTime: timestamp(now),
    reason: 'FailedCreate',
    message: 'quota',
  };
  t.deepEqual(first.conditions, [foreign, condition]);
  const later = { ...observed([], { reason: 'FailedDelete', message: 'hook' }), now: now + 5000 };
  t.deepEqual(summarize(set(0, first), later).conditions, [
    foreign,
    { ...condition, reason: 'FailedDelete', message: 'hook' },
  ]);
  t.deepEqual(summarize(set(0, first), observed([])).conditions, [foreign]);
});

function failed(name: string): Member {
  const status = { phase: 'Failed', errorMessage: 'numCores: 0' };
  return { machine: { ...newMachine(name), status }, node: undefined };
}

test('Machines that have failed are a condition, which names one of them', (t) => {
  const status = summarize(set(0), observed([failed('b'), nodeless, failed('a')]));
  t.is(status.errorReason, undefined);
  t.like(status.conditions?.[0], {
    reason: 'MachinesFailed',
    message: '2 of 3 Machines have failed; a: numCores: 0',
  });
  const refused = { reason: 'FailedCreate', message: 'quota' };
  const both = summarize(set(0), observed([failed('b')], refused));
  t.is(both.conditions?.[0]?.reason, 'FailedCreate', 'what keeps the set itself from working');
});

test('what others write into the status stays', (t) => {
  const theirs = { ...set(0).status, authoritativeAPI: 'MachineAPI' };
  t.like(summarize(set(0, theirs), observed([])), { authoritativeAPI: 'MachineAPI' });
});
