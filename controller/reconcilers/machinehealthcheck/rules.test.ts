import test from 'ava';
import type { MachineHealthCheckSpec } from '#api/machine/v1beta1/machine-health-check.ts';
import { readRules } from './rules.ts';

const spec: MachineHealthCheckSpec = {
  selector: {},
  unhealthyConditions: [{ type: 'Ready', status: 'False', timeout: '1m30s' }],
};

test('durations become milliseconds; a machine has ten minutes to get a Node', (t) => {
  t.deepEqual(readRules(spec), {
    conditions: [{ type: 'Ready', status: 'False', timeout: 90_000 }],
    nodeStartupTimeout: 600_000,
  });
});

test('a startup timeout of 0 stays 0', (t) => {
  t.like(readRules({ ...spec, nodeStartupTimeout: '0' }), { nodeStartupTimeout: 0 });
});

const wrong: [spec: MachineHealthCheckSpec | undefined, message: RegExp][] = [
  [undefined, /^spec: /],
  [{ ...spec, nodeStartupTimeout: '10' }, /^spec: "10" is not a duration/],
  [{ ...spec, maxUnhealthy: 'half' }, /^spec\.maxUnhealthy: "half" is neither/],
  [{ ...spec, maxUnhealthy: -1 }, /^spec\.maxUnhealthy: -1 is neither/],
  [
    { ...spec, selector: { matchExpressions: [{ key: 'a', operator: 'Like' }] } },
    /^spec\.selector: "Like" is not an operator/,
  ],
];

for (const [value, message] of wrong) {
  test(`says what to correct: ${message.source}`, (t) => {
    const told = readRules(value);
    t.regex(typeof told === 'string' ? told : '', message);
  });
}
