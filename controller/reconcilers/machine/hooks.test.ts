import test from 'ava';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import type { Machine, MachineSpec } from '#api/machine/v1beta1/machine.ts';
import type { MachineEvent } from './events.ts';
import type { Explanation } from './explanation.ts';
import { isHeld, judgeHooks } from './hooks.ts';

const now = '2030-01-01T00:00:00Z';

/** A machine with these hooks, judged. */
function judged(lifecycleHooks: MachineSpec['lifecycleHooks'], before: Condition[] = []) {
  const machine: Machine = {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { name: 'worker' },
    spec: { ...(lifecycleHooks && { lifecycleHooks }) },
  };
  const news: MachineEvent[] = [];
  const waiting: Explanation | undefined = undefined;
  const scope = { machine, conditions: [...before], news, waiting };
  judgeHooks(scope, now);
  return scope;
}

const backup = { name: 'backup', owner: 'etcd-operator' };
const unmount = { name: 'unmount', owner: 'storage' };
const held: Condition = {
  type: 'Drainable',
  status: 'False',
  severity: 'Warning',
  reason: 'HookPresent',
  message: 'preDrain hooks hold the drain: backup (etcd-operator), unmount (storage)',
  lastTransitionTime: now,
};

test('a machine without hooks has no conditions about them', (t) => {
  t.deepEqual(judged(undefined).conditions, []);
  t.deepEqual(judged({ preDrain: [], preTerminate: [] }).conditions, []);
});

test('hooks are named, in any order, before anything is deleted', (t) => {
  t.deepEqual(judged({ preDrain: [unmount, backup] }).conditions, [held]);
});

test('hooks that are gone hold nothing', (t) => {
  const scope = judged({ preDrain: [] }, [held]);
  t.deepEqual(scope.conditions, [{ type: 'Drainable', status: 'True', lastTransitionTime: now }]);
  t.false(isHeld(scope, 'preDrain'));
  t.deepEqual(scope.news, []);
});

test('each stage has its own', (t) => {
  const scope = judged({ preTerminate: [backup] });
  t.false(isHeld(scope, 'preDrain'));
  t.true(isHeld(scope, 'preTerminate'));
  const message = 'preTerminate hooks hold the end of the instance: backup (etcd-operator)';
  t.deepEqual(scope.waiting, { reason: 'WaitingForHooks', message });
  t.deepEqual(scope.news, [{ type: 'Normal', reason: 'TerminationBlocked', message }]);
});

test('that hooks hold is told once, and again when they are others', (t) => {
  const scope = judged({ preDrain: [backup, unmount] });
  const { message } = held;
  scope.machine.status = { providerStatus: { reason: 'WaitingForHooks', message } };
  t.true(isHeld(scope, 'preDrain'));
  t.deepEqual(scope.news, []);

  const other = judged({ preDrain: [backup] });
  other.machine.status = scope.machine.status;
  t.true(isHeld(other, 'preDrain'));
  t.is(other.news[0]?.reason, 'DrainBlocked');
});
