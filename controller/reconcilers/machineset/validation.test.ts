import { inspect } from 'node:util';
import test from 'ava';
import type { MachineSetSpec } from '#api/machine/v1beta1/machine-set.ts';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { specProblem } from './validation.ts';

const fine: MachineSetSpec = {
  selector: { matchLabels: { set: 'workers' } },
  template: { metadata: { labels: { set: 'workers', more: 'labels' } } },
};

const problemOf = (change: object): string | undefined =>
  specProblem({ ...newMachineSet('workers'), spec: { ...fine, ...change } });

test('a set is fine without replicas and policy, and with 0 replicas', (t) => {
  t.is(problemOf({}), undefined);
  t.is(problemOf({ replicas: 0, deletePolicy: 'Newest' }), undefined);
});

const like = { matchExpressions: [{ key: 'set', operator: 'Like', values: ['w*'] }] };

/** What a cluster with CRDs of its own may let through, too. */
const wrong: [change: object, problem: RegExp][] = [
  [{ selector: undefined }, /^spec\.selector: an empty selector is not valid/],
  [{ selector: {} }, /^spec\.selector: an empty selector is not valid/],
  [{ selector: like }, /^spec\.selector: "Like" is not an operator/],
  [{ selector: { matchLabels: { set: 'others' } } }, /`selector` does not match template `labels`/],
  [{ template: undefined }, /`selector` does not match template `labels`/],
  [{ replicas: -1 }, /^spec\.replicas: -1 is not a number of Machines/],
  [{ deletePolicy: 'Cheapest' }, /^spec\.deletePolicy: "Cheapest" is not a policy \(want Random, /],
];

for (const [change, problem] of wrong) {
  test(`is refused: ${inspect(change)}`, (t) => {
    t.regex(problemOf(change) ?? '', problem);
  });
}

test('a set without spec is refused', (t) => {
  const { spec: _, ...set } = newMachineSet('workers');
  t.is(specProblem(set), 'spec: missing');
});
