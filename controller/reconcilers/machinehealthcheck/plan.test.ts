import test from 'ava';
import type { Node } from '#api/core.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { timestamp } from '#api/timestamp.ts';
import { planRemediation, type Plan, type Target } from './plan.ts';
import type { Rules } from './rules.ts';
import { allowedCondition, summarize } from './status.ts';

const now = Date.UTC(2030, 0, 1, 12);
const later = timestamp(now);

const rules: Rules = {
  conditions: [{ type: 'Ready', status: 'False', timeout: 10_000 }],
  nodeStartupTimeout: 0,
};

/** A machine whose Node is Ready, or NotReady for so many seconds. */
function target(index: number, notReadyFor?: number): Target {
  const name = `m${index}`;
  const machine: Machine = {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { name },
    status: { nodeRef: { kind: 'Node', name } },
  };
  const status = notReadyFor === undefined ? 'True' : 'False';
  const lastTransitionTime = timestamp(now - (notReadyFor ?? 0) * 1000);
  const node: Node = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status, lastTransitionTime }] },
  };
  return { machine, node };
}

/** Ten machines, the first of which are NotReady for so many seconds. */
function planOf(maxUnhealthy: number | string | undefined, ...notReadyFor: number[]): Plan {
  const targets = Array.from({ length: 10 }, (_, index) => target(index, notReadyFor[index]));
  return planRemediation(
    targets,
    { ...rules, ...(maxUnhealthy !== undefined && { maxUnhealthy }) },
    now,
  );
}

const limits: [maxUnhealthy: number | string | undefined, most: number][] = [
  [undefined, 10],
  ['100%', 10],
  ['29%', 2],
  ['0%', 0],
  [0, 0],
  [3, 3],
  ['3', 3],
  [99, 99],
];

for (const [maxUnhealthy, most] of limits) {
  test(`of ten machines, maxUnhealthy ${JSON.stringify(maxUnhealthy)} allows ${most} to be unhealthy`, (t) => {
    t.is(planOf(maxUnhealthy).mostUnhealthy, most);
  });
}

test('all unhealthy machines are replaced as long as they are not too many', (t) => {
  const plan = planOf(2, 60, 60);
  t.true(plan.isAllowed);
  t.deepEqual(
    plan.unhealthy.map(({ machine }) => machine.metadata.name),
    ['m0', 'm1'],
  );
});

test('those who may still recover count, too', (t) => {
  const plan = planOf(2, 60, 60, 1);
  t.false(plan.isAllowed);
  t.is(plan.healthy, 7);
  t.is(plan.waiting.length, 1);
});

test('the next look is when the first runs out of time', (t) => {
  t.is(planOf(undefined, 3, 7, 60).nextDeadline, now + 4_000);
  t.is(planOf(undefined, 60).nextDeadline, undefined);
});

test('the status counts, and says why nothing is replaced', (t) => {
  const options = { maxUnhealthy: '20%', isForOthers: false };
  const fine = summarize({}, planOf('20%', 60), options, later);
  t.like(fine, { expectedMachines: 10, currentHealthy: 9, remediationsAllowed: 1 });
  t.like(allowedCondition(fine), { status: 'True', lastTransitionTime: later });

  const tooMany = summarize(fine, planOf('20%', 60, 60, 60), options, later);
  t.like(tooMany, { currentHealthy: 7, remediationsAllowed: 0 });
  t.like(allowedCondition(tooMany), {
    status: 'False',
    severity: 'Warning',
    reason: 'TooManyUnhealthy',
    message:
      '3 of 10 machines are not healthy, more than maxUnhealthy (20%, here 2): nothing is replaced',
  });
});

test('the condition keeps its time while its status is the same', (t) => {
  const options = { maxUnhealthy: 0, isForOthers: false };
  const first = summarize({}, planOf(0, 60), options, later);
  const second = summarize(first, planOf(0, 60, 60), options, '2031-01-01T00:00:00Z');
  t.is(allowedCondition(second)?.lastTransitionTime, later);
  t.not(allowedCondition(second)?.message, allowedCondition(first)?.message);
});

test('what others repair is left alone', (t) => {
  const status = summarize({}, planOf(10, 60), { maxUnhealthy: 10, isForOthers: true }, later);
  t.like(allowedCondition(status), { status: 'False', reason: 'ExternalRemediation' });
  t.is(status.remediationsAllowed, 0);
});
