import test from 'ava';
import type { Fault } from './decode.ts';
import { effectsOf, treatmentOf } from './effects.ts';

const times = { after: 0 };

test('no fault has no effect', (t) => {
  const effects = effectsOf([]);
  t.deepEqual(effects, {
    isDown: false,
    isEnded: false,
    mayJoin: true,
    isCut: false,
    arePodsFrozen: false,
    conditions: [],
    heartbeatDelay: 0,
    latencies: [],
    errors: [],
  });
  t.deepEqual(
    treatmentOf(effects, () => 0),
    { delay: 0 },
  );
});

test('a node that has crashed is cut off too; one that does not join is not', (t) => {
  const crash = { isDown: true, isCut: true };
  t.like(effectsOf([{ type: 'Crash', after: 0, duration: 1 }]), { ...crash, isEnded: false });
  t.like(effectsOf([{ type: 'Crash', after: 0 }]), { ...crash, isEnded: true });
  t.like(effectsOf([{ type: 'Unreachable', ...times }]), { isDown: false, isCut: true });
  for (const type of ['NeverJoin', 'LateJoin'] as const) {
    t.like(effectsOf([{ type, ...times }]), { mayJoin: false, isCut: false });
  }
});

test('Pods are frozen unless every NotReady says otherwise', (t) => {
  const kind: Fault = { type: 'NotReady', ...times, freezesPods: false };
  t.false(effectsOf([kind]).arePodsFrozen);
  t.true(effectsOf([kind, { type: 'NotReady', ...times }]).arePodsFrozen);
});

test('a condition of its own wins over NotReady, the last one over the others', (t) => {
  const ready = (message: string): Fault => ({
    type: 'Condition',
    ...times,
    condition: { type: 'Ready', status: 'Unknown', reason: 'Why', message },
  });
  const { conditions } = effectsOf([ready('one'), ready('two'), { type: 'NotReady', ...times }]);
  t.deepEqual(conditions, [{ type: 'Ready', status: 'Unknown', reason: 'Why', message: 'two' }]);
});

test('the slowest heartbeat and the last provider ID win', (t) => {
  const effects = effectsOf([
    { type: 'SlowHeartbeat', ...times, delay: 5 },
    { type: 'SlowHeartbeat', ...times, delay: 20 },
    { type: 'SlowHeartbeat', ...times, delay: 10 },
    { type: 'WrongProviderID', ...times, providerID: 'one' },
    { type: 'WrongProviderID', ...times, providerID: 'two' },
  ]);
  t.is(effects.heartbeatDelay, 20);
  t.is(effects.providerID, 'two');
});

test('latencies that hit add up, and of the errors that hit the first one is the answer', (t) => {
  const effects = effectsOf([
    { type: 'APILatency', ...times, delay: 100, percent: 50 },
    { type: 'APILatency', ...times, delay: 30, percent: 100 },
    { type: 'APIErrors', ...times, code: 503, percent: 20 },
    { type: 'APIErrors', ...times, code: 429, percent: 60 },
  ]);
  const treatment = (share: number) => treatmentOf(effects, () => share);
  t.deepEqual(treatment(0.1), { delay: 130, code: 503 });
  t.deepEqual(treatment(0.4), { delay: 130, code: 429 });
  t.deepEqual(treatment(0.5), { delay: 30, code: 429 });
  t.deepEqual(treatment(0.9), { delay: 30 });
});
