import test from 'ava';
import type {
  MachineDeployment,
  MachineDeploymentStatus,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet, MachineSetStatus } from '#api/machine/v1beta1/machine-set.ts';
import { timestamp } from '#api/timestamp.ts';
import { stateOf } from './machine-set.ts';
import { nextDeadline, summarize, type Observed } from './status.ts';

const now = Date.UTC(2030, 0, 1);
const selector = { matchLabels: { app: 'workers' } };
const template = { metadata: { labels: selector.matchLabels } };

function newDeployment(status: MachineDeploymentStatus = {}): MachineDeployment {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineDeployment',
    metadata: { name: 'workers', generation: 2 },
    spec: { replicas: 3, selector, template, progressDeadlineSeconds: 60 },
    status,
  };
}

function newSet(name: string, replicas: number, status: MachineSetStatus): MachineSet {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineSet',
    metadata: { name, generation: 1 },
    spec: { replicas, selector, template },
    status: { observedGeneration: 1, ...status },
  };
}

const oldSet = newSet('a', 2, { replicas: 2, readyReplicas: 2, availableReplicas: 2 });
const freshSet = newSet('b', 2, { replicas: 2, readyReplicas: 1, availableReplicas: 0 });

function observed(changes: Partial<Observed> = {}): Observed {
  return {
    newSet: freshSet,
    all: [oldSet, freshSet],
    rollout: {
      strategy: 'RollingUpdate',
      isPaused: false,
      replicas: 3,
      maxSurge: 1,
      maxUnavailable: 1,
      newSet: stateOf(freshSet),
      oldSets: [stateOf(oldSet)],
    },
    failure: undefined,
    now,
    ...changes,
  };
}

function conditionsOf({ conditions = [] }: MachineDeploymentStatus): (string | undefined)[][] {
  return conditions.map(({ type, status, reason }) => [type, status, reason]);
}

test('the status adds up what the sets report', (t) => {
  const status = summarize(newDeployment({ collisionCount: 1 }), observed());
  const { conditions: _, ...counts } = status;
  t.deepEqual(counts, {
    collisionCount: 1,
    replicas: 4,
    updatedReplicas: 2,
    readyReplicas: 3,
    availableReplicas: 2,
    unavailableReplicas: 2,
    observedGeneration: 2,
    labelSelector: 'app=workers',
  });
  t.deepEqual(conditionsOf(status), [
    ['Available', 'True', 'MinimumReplicasAvailable'],
    ['Progressing', 'True', 'MachineSetUpdated'],
  ]);
});

test('what has not changed is told in the same words, and at the same time', (t) => {
  const status = summarize(newDeployment(), observed());
  const later = summarize(newDeployment(status), observed({ now: now + 30_000 }));
  t.deepEqual(later, status);
});

test('the deadline is looked at when it is due', (t) => {
  const status = summarize(newDeployment(), observed());
  t.is(nextDeadline(newDeployment(status), now + 20_000), 40_000);
  const late = summarize(newDeployment(status), observed({ now: now + 60_000 }));
  t.is(late.conditions?.[1]?.reason, 'ProgressDeadlineExceeded');
  t.is(nextDeadline(newDeployment(late), now + 60_000), undefined);
});

test('fewer than needed are not available, since the moment they are', (t) => {
  const before = summarize(newDeployment(), observed());
  const sick = newSet('a', 2, { replicas: 2, readyReplicas: 1, availableReplicas: 1 });
  const after = summarize(
    newDeployment(before),
    observed({ all: [sick, freshSet], now: now + 5000 }),
  );
  t.like(after.conditions?.[0], {
    status: 'False',
    reason: 'MinimumReplicasUnavailable',
    message: 'Fewer than 2 Machines are available',
    lastTransitionTime: timestamp(now + 5000),
  });
});

test('why the new set gets no Machines is told, and forgotten', (t) => {
  const failure = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: 'quota',
  };
  const failing = newSet('b', 2, { ...freshSet.status, conditions: [failure] });
  const before = summarize(newDeployment(), observed({ newSet: failing }));
  t.deepEqual(before.conditions?.[2], failure);
  t.is(summarize(newDeployment(before), observed()).conditions?.length, 2);
});

test('a mistake in the spec leaves what was known about availability', (t) => {
  const before = summarize(newDeployment(), observed());
  const failure = { reason: 'ReconcileError', message: 'spec.selector: no', isFinal: true };
  const after = summarize(newDeployment(before), observed({ failure, now: now + 5000 }));
  t.deepEqual(conditionsOf(after), [
    ['Available', 'True', 'MinimumReplicasAvailable'],
    ['Progressing', 'False', 'ReconcileError'],
  ]);
});
