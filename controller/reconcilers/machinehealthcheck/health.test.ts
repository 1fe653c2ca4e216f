import test from 'ava';
import type { Node } from '#api/core.ts';
import type { Machine, MachineStatus } from '#api/machine/v1beta1/machine.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { timestamp } from '#api/timestamp.ts';
import { assess, type Health } from './health.ts';
import type { Rules } from './rules.ts';

const now = Date.UTC(2030, 0, 1, 12);
const ago = (seconds: number): string => timestamp(now - seconds * 1000);

const rules: Rules = {
  conditions: [
    { type: 'Ready', status: 'False', timeout: 10_000 },
    { type: 'Ready', status: 'Unknown', timeout: 60_000 },
    { type: 'DiskPressure', status: 'True', timeout: 0 },
  ],
  nodeStartupTimeout: 600_000,
};

const linked: MachineStatus = { phase: 'Running', nodeRef: { kind: 'Node', name: 'n', uid: 'u' } };

function machine(status: MachineStatus, metadata: ObjectMeta = {}, age = 3600): Machine {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { name: 'm', creationTimestamp: ago(age), ...metadata },
    status,
  };
}

function node(...conditions: [type: string, status: string, age: number][]): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n' },
    status: {
      conditions: conditions.map(([type, status, age]) => ({
        type,
        status,
        lastTransitionTime: ago(age),
      })),
    },
  };
}

/** The state, the reason if there is one, and the seconds that are left. */
function inShort(health: Health): string {
  if (health.state === 'healthy') return 'healthy';
  const left = 'until' in health && health.until !== undefined ? (health.until - now) / 1000 : '';
  return [health.state, health.problem?.reason, left].filter((part) => part).join(' ');
}

const ready = node(['Ready', 'True', 1]);
const repaired = { annotations: { 'host.metal3.io/external-remediation': '' } };
const deleted = { deletionTimestamp: ago(1) };

const cases: [expected: string, what: string, machine: Machine, node: Node | undefined][] = [
  ['healthy', 'a Node that is Ready', machine(linked), ready],
  ['healthy', 'a Node of other conditions', machine(linked), node(['Ready', 'Odd', 999])],
  ['waiting', 'a machine that is being deleted', machine(linked, deleted), undefined],
  ['waiting', 'a machine that somebody repairs', machine(linked, repaired), ready],
  ['unhealthy NodeNotFound', 'a Node that is gone', machine(linked), undefined],
  ['waiting UnhealthyNode 7', 'NotReady since 4 s', machine(linked), node(['Ready', 'False', 4])],
  // Up to a second of the ten may be missing.
  ['waiting UnhealthyNode 1', 'NotReady for 10 s', machine(linked), node(['Ready', 'False', 10])],
  ['unhealthy UnhealthyNode', 'NotReady for 11 s', machine(linked), node(['Ready', 'False', 11])],
  [
    'waiting UnhealthyNode 50',
    'silent since 11 s',
    machine(linked),
    node(['Ready', 'Unknown', 11]),
  ],
  [
    'unhealthy UnhealthyNode',
    'one of two conditions for too long',
    machine(linked),
    node(['Ready', 'Unknown', 11], ['DiskPressure', 'True', 1]),
  ],
  ['unhealthy MachineFailed', 'a machine that failed', machine({ phase: 'Failed' }), ready],
  [
    'waiting MachineFailed 28',
    'a machine that failed at birth',
    machine({ phase: 'Failed' }, {}, 2),
    undefined,
  ],
  ['waiting 541', 'a machine that starts', machine({}, {}, 60), undefined],
  ['unhealthy NodeStartupTimeout', 'no Node in 10 minutes', machine({}, {}, 601), undefined],
];

for (const [expected, what, subject, itsNode] of cases) {
  test(`${what}: ${expected}`, (t) => {
    t.is(inShort(assess(subject, itsNode, rules, now)), expected);
  });
}

test('with a startup timeout of 0 a machine waits for its Node for ever', (t) => {
  const patient = { ...rules, nodeStartupTimeout: 0 };
  t.deepEqual(assess(machine({}), undefined, patient, now), { state: 'waiting' });
});

test('a problem is told in words', (t) => {
  const health = assess(machine(linked), node(['Ready', 'False', 11]), rules, now);
  t.like(health, {
    problem: { message: 'its Node n has Ready=False since 2030-01-01T11:59:49Z' },
  });
});
