import test from 'ava';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import { pod } from '#runtime/testing/objects.ts';
import { timestamp } from '#api/timestamp.ts';
import type { Refusal } from './evict.ts';
import { drainingCondition, exemptionsText, pauseAfter, totalOf } from './progress.ts';

const now = Date.parse('2030-01-01T12:00:00Z');
const pods = (count: number) => Array.from({ length: count }, (_, index) => pod(`p${index}`, 1));
const refusal = (budget?: string): Refusal => ({
  pod: 'default/p0',
  message: 'not now',
  ...(budget !== undefined && { budget }),
});

/** The condition of so many seconds ago. */
const stored = (message: string, seconds: number, reason = 'Draining'): Condition => ({
  type: 'Drained',
  status: 'False',
  severity: 'Info',
  reason,
  message,
  lastTransitionTime: timestamp(now - seconds * 1000),
});

test('the total is that of the first look, also after a restart', (t) => {
  const first = drainingCondition(undefined, { left: pods(20), refusals: [] }, now);
  t.is(first.message, '20 of 20 Pods left');
  const next = drainingCondition(first, { left: pods(3), refusals: [] }, now);
  t.is(next.message, '3 of 20 Pods left');
  t.is(totalOf(next, 0), 20);
});

test('more Pods than at first raise the total; another text has none', (t) => {
  t.is(totalOf(stored('3 of 20 Pods left', 1), 21), 21);
  t.is(totalOf(stored('soon', 1), 2), 2);
  t.is(totalOf(undefined, 0), 0);
});

const ending = pod('p9', 1, {
  metadata: {
    namespace: 'default',
    name: 'p9',
    deletionTimestamp: timestamp(now),
    finalizers: ['example.com/busy'],
  },
});

const messages: [expected: string, refusals: Refusal[]][] = [
  ['3 of 3 Pods left, blocked by PodDisruptionBudget nginx-pdb', [refusal('nginx-pdb')]],
  [
    '3 of 3 Pods left, blocked by PodDisruptionBudgets a, b',
    [refusal('b'), refusal('a'), refusal('b')],
  ],
  [
    '3 of 3 Pods left, blocked by PodDisruptionBudgets a, b, c and 2 more',
    ['e', 'd', 'c', 'b', 'a'].map(refusal),
  ],
  ['3 of 3 Pods left, eviction of default/p0 refused: not now', [refusal()]],
  ['3 of 3 Pods left, ending: default/p9 (held by example.com/busy)', []],
];

for (const [expected, refusals] of messages) {
  test(`the message says: ${expected}`, (t) => {
    const left = [...pods(2), ending];
    t.is(drainingCondition(undefined, { left, refusals }, now).message, expected);
  });
}

const blocked = '3 of 20 Pods left, blocked by PodDisruptionBudget b';
const lasting = { left: pods(3), refusals: [refusal('b')] };

test('a budget that lets one go after the other is no warning', (t) => {
  t.is(drainingCondition(undefined, lasting, now).reason, 'Draining');
  t.is(drainingCondition(stored(blocked, 9), lasting, now).reason, 'Draining');
  const before = stored(blocked.replace('3', '4'), 100);
  t.is(drainingCondition(before, lasting, now).reason, 'Draining');
});

test('ten seconds without any change are a warning, until something changes', (t) => {
  const condition = drainingCondition(stored(blocked, 10), lasting, now);
  t.like(condition, { reason: 'DrainBlocked', severity: 'Warning', message: blocked });
  t.is(drainingCondition(stored(blocked, 1, 'DrainBlocked'), lasting, now).reason, 'DrainBlocked');
  const fewer = { left: pods(2), refusals: [refusal('b')] };
  t.is(drainingCondition(stored(blocked, 1, 'DrainBlocked'), fewer, now).reason, 'Draining');
});

test('Pods that take their time are no warning', (t) => {
  const before = stored('3 of 20 Pods left', 3600);
  t.is(drainingCondition(before, { left: pods(3), refusals: [] }, now).reason, 'Draining');
});

for (const [seconds, pause] of [
  [0, 1],
  [10, 1],
  [60, 6],
  [200, 20],
  [86_400, 20],
  [-60, 1], // another manager's clock was ahead
] as const) {
  test(`after ${seconds} s without a change the next look is in ${pause} s`, (t) => {
    t.is(pauseAfter(stored('', seconds), now), pause * 1000);
  });
}

test('without a time the next look is soon', (t) => {
  t.is(pauseAfter(undefined, now), 1000);
});

test('what was not waited for is told', (t) => {
  t.is(exemptionsText(new Map()), '');
  t.is(
    exemptionsText(
      new Map([
        ['Mirror', 1],
        ['DaemonSet', 2],
      ]),
    ),
    '; not waited for: 1 mirror, 2 of DaemonSets',
  );
});
