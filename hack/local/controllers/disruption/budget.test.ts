import test from 'ava';
import type { Demand } from './budget.ts';
import { computeBudget } from './budget.ts';

const budget = test.macro<[Partial<Demand>, string]>({
  exec(t, given, expected) {
    const demand = { pods: 10, healthy: 10, scale: 10, ...given };
    const { expectedPods, desiredHealthy, currentHealthy, disruptionsAllowed } =
      computeBudget(demand);
    t.is(
      `${disruptionsAllowed} of ${currentHealthy}/${expectedPods}, keep ${desiredHealthy}`,
      expected,
    );
  },
  title: (title, given) => title ?? `budget: ${JSON.stringify(given)}`,
});

test(budget, { minAvailable: 7 }, '3 of 10/10, keep 7');
test(budget, { minAvailable: 7, healthy: 7 }, '0 of 7/10, keep 7');
test(budget, { minAvailable: 7, healthy: 3 }, '0 of 3/10, keep 7');
test(budget, { minAvailable: '75%' }, '2 of 10/10, keep 8');
test(budget, { minAvailable: '100%' }, '0 of 10/10, keep 10');
test(budget, { maxUnavailable: 0 }, '0 of 10/10, keep 10');
test(budget, { maxUnavailable: 3 }, '3 of 10/10, keep 7');
test(budget, { maxUnavailable: 30 }, '10 of 10/10, keep 0');
test(budget, { maxUnavailable: '25%' }, '3 of 10/10, keep 7');
test(budget, { maxUnavailable: '25%', healthy: 8 }, '1 of 8/10, keep 7');
test(
  'a share is one of the controllers, not of the Pods',
  budget,
  { maxUnavailable: '50%', pods: 4, healthy: 4 },
  '0 of 4/10, keep 5',
);
test(
  'a number is one of the Pods, not of the controllers',
  budget,
  { minAvailable: 2, pods: 4, healthy: 4 },
  '2 of 4/4, keep 2',
);
test(
  'no Pods, no disruption',
  budget,
  { minAvailable: 0, pods: 0, healthy: 0 },
  '0 of 0/0, keep 0',
);
test('without a demand every Pod may go', budget, {}, '10 of 10/10, keep 0');

test('a share that is none is an error', (t) => {
  const error = t.throws(() =>
    computeBudget({ minAvailable: 'half', pods: 1, healthy: 1, scale: 1 }),
  );
  t.is(error.message, '"half" is not a share (want e.g. "50%")');
});
