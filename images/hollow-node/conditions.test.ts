import test from 'ava';
import type { ConditionValue } from '#api/faults/conditions.ts';
import type { Fault } from '#api/faults/decode.ts';
import { foreignConditions } from '#api/faults/conditions.ts';
import { effectsOf } from '#api/faults/effects.ts';
import { desiredConditions as conditionsOf } from './conditions.ts';

function desiredConditions(faults: readonly Fault[], active: readonly Fault[]): ConditionValue[] {
  const now = () => ({ ...effectsOf(active), active, untilChange: 0 });
  return conditionsOf({ foreign: foreignConditions(faults), now });
}

const brief = (values: ConditionValue[]): string[] =>
  values.map(({ type, status, reason }) => `${type}=${status} ${reason}`);

const healthy = [
  'MemoryPressure=False KubeletHasSufficientMemory',
  'DiskPressure=False KubeletHasNoDiskPressure',
  'PIDPressure=False KubeletHasSufficientPID',
  'Ready=True KubeletReady',
];

test('a healthy node has a kubelet’s conditions, Ready last', (t) => {
  t.deepEqual(brief(desiredConditions([], [])), healthy);
});

test('a node that is NotReady says why', (t) => {
  const fault: Fault = { type: 'NotReady', after: 0, message: 'PLEG is not healthy' };
  t.deepEqual(desiredConditions([fault], [fault]).at(-1), {
    type: 'Ready',
    status: 'False',
    reason: 'KubeletNotReady',
    message: 'PLEG is not healthy',
  });
});

test('several reasons are joined as the kubelet joins them', (t) => {
  const faults: Fault[] = [
    { type: 'NotReady', after: 0 },
    { type: 'Unreachable', after: 0 },
    { type: 'NotReady', after: 0, message: 'network state unknown' },
  ];
  const message = '[container runtime is down, network state unknown]';
  t.is(desiredConditions(faults, faults).at(-1)?.message, message);
  t.is(desiredConditions(faults, faults.slice(1, 2)).at(-1)?.status, 'True');
});

test('a pressure turns into its opposite, in its place', (t) => {
  const fault: Fault = { type: 'Condition', after: 0, condition: { type: 'DiskPressure' } };
  t.deepEqual(brief(desiredConditions([fault], [fault])), [
    healthy[0],
    'DiskPressure=True KubeletHasDiskPressure',
    ...healthy.slice(2),
  ]);
  t.deepEqual(brief(desiredConditions([fault], [])), healthy);
});

test('a condition of another agent is there before it turns bad, and Ready stays last', (t) => {
  const condition = { type: 'KernelDeadlock', reason: 'DockerHung', message: 'task blocked' };
  const fault: Fault = { type: 'Condition', after: 5, condition };
  t.deepEqual(brief(desiredConditions([fault], [])), [
    ...healthy.slice(0, 3),
    'KernelDeadlock=False NoFaultInjected',
    ...healthy.slice(3),
  ]);
  t.deepEqual(desiredConditions([fault], [fault])[3], { ...condition, status: 'True' });
});

test('a good condition can be lost, and Ready can be unknown', (t) => {
  const faults: Fault[] = [
    { type: 'Condition', after: 0, condition: { type: 'NetworkReady', status: 'False' } },
    { type: 'Condition', after: 0, condition: { type: 'Ready', status: 'Unknown' } },
  ];
  t.deepEqual(brief(desiredConditions(faults, faults).slice(3)), [
    'NetworkReady=False FaultInjected',
    'Ready=Unknown FaultInjected',
  ]);
  t.deepEqual(brief(desiredConditions(faults, []).slice(3)), [
    'NetworkReady=True NoFaultInjected',
    healthy[3] ?? '',
  ]);
});
