import test from 'ava';
import type { DeploymentCondition } from '#api/machine/v1beta1/machine-deployment.ts';
import { timestamp } from '#api/timestamp.ts';
import { isComplete, nextProgress, untilDeadline, type Progress } from './progress.ts';
import type { Rollout, SetState } from './rollout.ts';

const start = Date.UTC(2030, 0, 1);
const newSet: SetState = { name: 'b', desired: 3, current: 3, available: 3, isObserved: true };
const oldSet: SetState = { name: 'a', desired: 0, current: 0, available: 0, isObserved: true };
const complete: Rollout = {
  strategy: 'RollingUpdate',
  isPaused: false,
  replicas: 3,
  maxSurge: 1,
  maxUnavailable: 0,
  newSet,
  oldSets: [oldSet],
};
const { newSet: _, ...withoutNewSet } = complete;
const starting: Rollout = { ...complete, newSet: { ...newSet, available: 1 } };
const rolling: Rollout = { ...starting, oldSets: [{ ...oldSet, desired: 1, current: 1 }] };

/** The condition after some seconds. */
function after(
  seconds: number,
  known: DeploymentCondition | undefined,
  progress: Partial<Progress> = {},
): DeploymentCondition {
  const now = start + seconds * 1000;
  return nextProgress(known, {
    rollout: rolling,
    hasMoved: false,
    failure: undefined,
    deadline: 60_000,
    now,
    ...progress,
  });
}

const at = (seconds: number): string => timestamp(start + seconds * 1000);

const incomplete: [string, Rollout][] = [
  ['an old Machine is there', rolling],
  ['one is not available', starting],
  ['one is too many', { ...complete, newSet: { ...newSet, current: 4 } }],
  ['it should have another number', { ...complete, replicas: 4 }],
  ['a set has not told', { ...complete, oldSets: [{ ...oldSet, isObserved: false }] }],
  ['there is no new set', withoutNewSet],
];

for (const [title, rollout] of incomplete) {
  test(`a rollout is not complete while ${title}`, (t) => t.false(isComplete(rollout)));
}

test('a rollout is complete when all is new and available', (t) => t.true(isComplete(complete)));

test('time runs from the last movement', (t) => {
  const begun = after(0, undefined);
  t.like(begun, { status: 'True', reason: 'MachineSetUpdated', lastUpdateTime: at(0) });
  const moved = after(50, begun, { hasMoved: true });
  t.like(moved, { lastUpdateTime: at(50), lastTransitionTime: at(0) });
  t.is(untilDeadline(moved, { deadline: 60_000, now: start + 70_000 }), 40_000);
  t.is(after(109, moved), moved);
  const failed = after(110, moved);
  t.like(failed, { status: 'False', reason: 'ProgressDeadlineExceeded', lastUpdateTime: at(50) });
  t.is(failed.lastTransitionTime, at(110));
  t.is(untilDeadline(failed, { deadline: 60_000, now: start + 200_000 }), undefined);
});

test('a rollout that failed for want of time succeeds when it moves on', (t) => {
  const failed = after(60, after(0, undefined));
  t.is(after(70, failed), failed);
  t.like(after(80, failed, { hasMoved: true }), { status: 'True', lastUpdateTime: at(80) });
});

test('after the end, Nodes that come and go change nothing', (t) => {
  const finished = after(0, undefined, { rollout: complete });
  t.is(finished.reason, 'NewMachineSetAvailable');
  t.is(after(1000, finished, { rollout: starting, hasMoved: true }), finished);
});

test('after the end, the next template begins anew', (t) => {
  const finished = after(0, undefined, { rollout: complete });
  const next = { ...rolling, newSet: { ...newSet, name: 'c', available: 0 } };
  const begun = after(1000, finished, { rollout: next });
  t.like(begun, { reason: 'MachineSetUpdated', lastUpdateTime: at(1000) });
});

test('a pause does not count', (t) => {
  const paused = after(10, after(0, undefined), { rollout: { ...rolling, isPaused: true } });
  t.like(paused, { status: 'Unknown', reason: 'DeploymentPaused' });
  t.is(untilDeadline(paused, { deadline: 60_000, now: start + 1e9 }), undefined);
  const resumed = after(500, paused);
  t.like(resumed, { status: 'Unknown', reason: 'DeploymentResumed', lastUpdateTime: at(500) });
  t.is(after(559, resumed), resumed);
  t.is(after(560, resumed).reason, 'ProgressDeadlineExceeded');
});

test('a failure is told in its own words until it is over', (t) => {
  const failure = { reason: 'FailedCreate', message: 'exceeded quota' };
  const failed = after(10, after(0, undefined), { failure });
  t.like(failed, { status: 'False', ...failure });
  t.is(after(500, failed, { failure }), failed);
  t.like(after(600, failed), { reason: 'MachineSetUpdated', lastUpdateTime: at(600) });
});

test('on deletion, nothing is late', (t) => {
  const rollout: Rollout = { ...rolling, strategy: 'OnDelete' };
  const waiting = after(0, undefined, { rollout });
  t.like(waiting, { status: 'True', reason: 'WaitingForDeletion' });
  t.is(after(1e6, waiting, { rollout }), waiting);
});
