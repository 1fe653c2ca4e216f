import test from 'ava';
import { setCondition } from './conditions.ts';

const early = '2030-01-01T00:00:00Z';
const late = '2030-01-01T00:01:00Z';
const ready = { type: 'Ready', status: 'True', reason: 'Fine', message: 'all is well' };

test('the time of a transition moves with the status and at no other time', (t) => {
  const first = setCondition([], ready, early);
  const same = setCondition(first, { ...ready, reason: 'Better' }, late);
  t.deepEqual(same, [{ ...ready, reason: 'Better', lastTransitionTime: early }]);
  const turned = setCondition(same, { ...ready, status: 'False' }, late);
  t.is(turned[0]?.lastTransitionTime, late);
});

test('what others have written stays, in its place', (t) => {
  const theirs = { ...ready, type: 'Theirs', lastTransitionTime: early };
  const both = setCondition([theirs], ready, late);
  t.deepEqual(
    setCondition(both, { ...ready, status: 'False' }, late).map(({ type }) => type),
    ['Theirs', 'Ready'],
  );
});
