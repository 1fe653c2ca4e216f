import test from 'ava';
import type { MachineDeploymentSpec } from '#api/machine/v1beta1/machine-deployment.ts';
import { specProblem } from './validation.ts';

const labels = { app: 'workers' };
const fine: MachineDeploymentSpec = {
  selector: { matchLabels: labels },
  template: { metadata: { labels } },
};

function problem(spec: object | undefined): string | undefined {
  return specProblem({
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineDeployment',
    metadata: {},
    ...(spec && { spec: { ...fine, ...spec } }),
  });
}

const rolling = (rollingUpdate: object): object => ({ strategy: { rollingUpdate } });

for (const spec of [
  {},
  { strategy: { type: 'OnDelete' } },
  rolling({ maxSurge: '25%', maxUnavailable: 0 }),
  rolling({ maxSurge: '150%' }),
]) {
  test(`${JSON.stringify(spec)} is fine`, (t) => t.is(problem(spec), undefined));
}

for (const [spec, message] of [
  [undefined, 'spec: missing'],
  [{ selector: {} }, /^spec\.selector: an empty selector/],
  [{ selector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } }, /^spec\.selector: "Is"/],
  [{ template: {} }, /^spec\.template\.metadata\.labels: `selector` does not match/],
  [{ strategy: { type: 'Recreate' } }, /^spec\.strategy\.type: "Recreate" is not a strategy/],
  [rolling({ maxSurge: -1 }), /^spec\.strategy\.rollingUpdate\.maxSurge: -1 is not/],
  [rolling({ maxSurge: '1' }), /maxSurge: "1" is not a number of Machines/],
  [rolling({ maxSurge: 0, maxUnavailable: 'x%' }), /maxUnavailable: "x%" is not/],
] as const) {
  test(`${JSON.stringify(spec)} is explained`, (t) => {
    const text = problem(spec) ?? '';
    if (typeof message === 'string') t.is(text, message);
    else t.regex(text, message);
  });
}
