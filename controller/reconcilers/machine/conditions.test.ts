import test from 'ava';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import { findCondition, MachineCondition, setCondition } from './conditions.ts';

const { drained, drainable } = MachineCondition;
const earlier = '2030-01-01T00:00:00Z';
const now = '2030-01-01T01:00:00Z';
const before = { type: drained, status: 'False', reason: 'Draining', message: '2 of 2 Pods left' };
const stored = (): Condition[] => [{ ...before, lastTransitionTime: earlier }];

test('a condition that says the same stays as it is', (t) => {
  const conditions = stored();
  setCondition(conditions, { ...before }, now);
  t.deepEqual(conditions, stored());
});

for (const change of [
  { status: 'True' },
  { reason: 'Other' },
  { message: '1 of 2 Pods left' },
  { severity: 'Warning' },
]) {
  test(`its time moves with its ${Object.keys(change).join()}`, (t) => {
    const conditions = stored();
    setCondition(conditions, { ...before, ...change }, now);
    t.deepEqual(conditions, [{ ...before, ...change, lastTransitionTime: now }]);
  });
}

test('conditions are sorted by type, and those of others stay', (t) => {
  const conditions = [{ type: 'Paused', status: 'False' }, ...stored()];
  setCondition(conditions, { type: drainable, status: 'True' }, now);
  t.deepEqual(
    conditions.map(({ type }) => type),
    ['Drainable', 'Drained', 'Paused'],
  );
  t.is(findCondition(conditions, drained)?.lastTransitionTime, earlier);
});
