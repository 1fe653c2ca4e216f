import test from 'ava';
import type { Node, Pod } from '#api/core.ts';
import { pod } from '#runtime/testing/objects.ts';
import { healthOf, planDrain, type NodeHealth } from './plan.ts';

const now = Date.parse('2030-01-01T12:00:00Z');
const startedAt = now - 60_000;

const isoTime = (milliseconds: number): string => new Date(milliseconds).toISOString();

const plan = (pods: Pod[], health: NodeHealth = 'Ready') =>
  planDrain(pods, { now, startedAt, health });

const ownedBy = (kind: string, controller = true): Partial<Pod> => ({
  metadata: { ownerReferences: [{ apiVersion: 'apps/v1', kind, name: 'o', uid: 'u', controller }] },
});
/** On its way out, with so many seconds to go. */
const ending = (seconds: number): Partial<Pod> => ({
  metadata: { deletionTimestamp: isoTime(now + seconds * 1000) },
});
type Tolerations = NonNullable<Pod['spec']>['tolerations'];

/** Created so many seconds after the start of the drain. */
const tolerating = (seconds: number, tolerations: NonNullable<Tolerations>): Partial<Pod> => ({
  metadata: { creationTimestamp: isoTime(startedAt + seconds * 1000) },
  spec: { containers: [], tolerations },
});
const all = [{ operator: 'Exists' }];
const key = 'node.kubernetes.io/unschedulable';

const evicted: [what: string, overrides: Partial<Pod>][] = [
  ['of a ReplicaSet', ownedBy('ReplicaSet')],
  ['of nobody', {}],
  ['that a DaemonSet only refers to', ownedBy('DaemonSet', false)],
  ['that does not run yet', { status: { phase: 'Pending' } }],
  ['that tolerates the cordon and was there before', tolerating(-1, all)],
  ['that came later and does not tolerate the cordon', tolerating(1, [])],
  ['that tolerates another taint', tolerating(1, [{ key: 'kubemark', operator: 'Exists' }])],
  ['that tolerates another effect', tolerating(1, [{ key, effect: 'NoExecute' }])],
  ['that tolerates another value', tolerating(1, [{ key, value: 'x' }])],
];

for (const [what, overrides] of evicted) {
  test(`a Pod ${what} is evicted`, (t) => {
    const { left, toEvict, exempt } = plan([pod('p', 1, overrides)]);
    t.is(left.length, 1);
    t.deepEqual(toEvict, left);
    t.is(exempt.size, 0);
  });
}

const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'hash' } } };

const exempt: [exemption: string, what: string, overrides: Partial<Pod>, health?: NodeHealth][] = [
  ['DaemonSet', 'of a DaemonSet', ownedBy('DaemonSet')],
  ['Mirror', 'of a file', mirror],
  ['Finished', 'that has succeeded', { status: { phase: 'Succeeded' } }],
  ['Finished', 'that has failed', { status: { phase: 'Failed' } }],
  ['Returned', 'that came back', tolerating(1, all)],
  ['Returned', 'that tolerates this taint', tolerating(1, [{ key }])],
  ['Overdue', 'that nobody ends', ending(-2), 'Unreachable'],
  ['Overdue', 'that a sick kubelet does not end', ending(-2), 'NotReady'],
];

for (const [exemption, what, overrides, health] of exempt) {
  test(`a Pod ${what} is not waited for`, (t) => {
    const found = plan([pod('p', 1, overrides)], health);
    t.deepEqual(found.left, []);
    t.deepEqual([...found.exempt], [[exemption, 1]]);
  });
}

test('a Pod on its way out is waited for, and not asked again', (t) => {
  for (const health of ['Ready', 'NotReady'] as const) {
    const { left, toEvict } = plan([pod('p', 1, ending(20))], health);
    t.is(left.length, 1);
    t.deepEqual(toEvict, []);
  }
});

test('a late Pod is waited for as long as its Node is Ready', (t) => {
  t.is(plan([pod('p', 1, ending(-3600))]).left.length, 1);
});

test('a Pod with much time to end is asked again when nobody can end it', (t) => {
  t.is(plan([pod('p', 1, ending(20))], 'Unreachable').toEvict.length, 1);
  t.is(plan([pod('p', 1, ending(1))], 'Unreachable').toEvict.length, 0);
});

test('exemptions are counted', (t) => {
  const pods = [mirror, ownedBy('DaemonSet'), {}, ownedBy('DaemonSet')];
  const found = plan(pods.map((overrides, index) => pod(`p${index}`, 1, overrides)));
  t.deepEqual(Object.fromEntries(found.exempt), { Mirror: 1, DaemonSet: 2 });
  t.deepEqual(
    found.left.map(({ metadata }) => metadata.name),
    ['p2'],
  );
});

const healths: [NodeHealth, status: string | undefined, hasInstance: boolean][] = [
  ['Ready', 'True', true],
  ['NotReady', 'False', true],
  ['NotReady', undefined, true],
  ['Unreachable', 'Unknown', true],
  ['Unreachable', 'True', false],
];

for (const [health, status, hasInstance] of healths) {
  const instance = hasInstance ? 'with' : 'without';
  test(`a Node that is Ready=${status} ${instance} an instance is ${health}`, (t) => {
    const conditions = status === undefined ? [] : [{ type: 'Ready', status }];
    const node: Node = { apiVersion: 'v1', kind: 'Node', metadata: {}, status: { conditions } };
    t.is(healthOf(node, hasInstance), health);
  });
}
