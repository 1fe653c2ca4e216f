import test from 'ava';
import type { Pod, PodDisruptionBudget } from '#api/core.ts';
import { budgetStatus, nextExpiry, pendingDisruptions } from './status.ts';

const time = (seconds: number): string => new Date(seconds * 1000).toISOString();

function pod(name: string, ready = 'True', deletionTimestamp?: string): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(deletionTimestamp !== undefined && { deletionTimestamp }) },
    status: { conditions: [{ type: 'Ready', status: ready }] },
  };
}

function budget(
  spec: PodDisruptionBudget['spec'],
  status?: PodDisruptionBudget['status'],
): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'b', namespace: 'default', generation: 3 },
    ...(spec && { spec }),
    ...(status && { status }),
  };
}

const neverAsked = (): number => {
  throw new Error('not asked for');
};

test('a Pod that is not Ready, is being deleted or was granted an eviction is not healthy', (t) => {
  const pods = [pod('a'), pod('b', 'False'), pod('c', 'True', time(0)), pod('d')];
  const status = budgetStatus(budget({ minAvailable: 0 }), pods, { d: time(0) }, neverAsked, 'now');
  t.deepEqual(status, {
    expectedPods: 4,
    desiredHealthy: 0,
    currentHealthy: 1,
    disruptionsAllowed: 1,
    observedGeneration: 3,
    disruptedPods: { d: time(0) },
    conditions: [
      {
        type: 'DisruptionAllowed',
        status: 'True',
        reason: 'SufficientPods',
        message: '',
        lastTransitionTime: 'now',
        observedGeneration: 3,
      },
    ],
  });
});

test('the condition moves its time only with its status', (t) => {
  const before = budgetStatus(budget({ minAvailable: 1 }), [pod('a')], {}, neverAsked, 'before');
  t.is(before.conditions?.[0]?.reason, 'InsufficientPods');
  const known = budget({ minAvailable: 1 }, before);
  const same = budgetStatus(known, [pod('a')], {}, neverAsked, 'after');
  t.deepEqual(same, before);
  const changed = budgetStatus(known, [pod('a'), pod('b')], {}, neverAsked, 'after');
  t.is(changed.conditions?.[0]?.lastTransitionTime, 'after');
});

test('when the scale cannot be told nothing may be disrupted', (t) => {
  const before = budgetStatus(budget({ maxUnavailable: 1 }), [pod('a')], {}, () => 1, 'before');
  t.is(before.disruptionsAllowed, 1);
  const known = budget({ maxUnavailable: 1 }, before);
  const status = budgetStatus(known, [pod('a')], {}, neverAsked, 'after');
  t.is(status.disruptionsAllowed, 0);
  t.is(status.expectedPods, 1);
  t.is(status.conditions?.[0]?.reason, 'SyncFailed');
  t.is(status.conditions?.[0]?.message, 'not asked for');
});

test('a granted eviction is believed until the Pod goes, or for two minutes', (t) => {
  const granted = { gone: time(0), going: time(0), staying: time(0), late: time(-60) };
  const pods = [pod('going', 'True', time(0)), pod('staying'), pod('late'), pod('other')];
  t.deepEqual(pendingDisruptions(granted, pods, 60_000), { staying: time(0) });
  t.deepEqual(pendingDisruptions(undefined, pods, 0), {});
});

test('the budget is looked at again when the first granted eviction expires', (t) => {
  t.is(nextExpiry({ a: time(10), b: time(0) }, 20_000), 100_000);
  t.is(nextExpiry({}, 0), undefined);
});
