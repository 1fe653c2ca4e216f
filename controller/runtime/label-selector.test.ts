import test from 'ava';
import {
  formatSelector,
  isEmptySelector,
  matchesSelector,
  selectorProblem,
  type LabelSelector,
} from './label-selector.ts';

const labels = { color: 'red', size: '' };

const expression = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
});

const cases: [text: string, selector: LabelSelector, matches: boolean][] = [
  ['', {}, true],
  ['color=red', { matchLabels: { color: 'red' } }, true],
  ['color=blue', { matchLabels: { color: 'blue' } }, false],
  ['size=', { matchLabels: { size: '' } }, true],
  ['shape=', { matchLabels: { shape: '' } }, false],
  ['color in (blue,red)', expression('color', 'In', 'red', 'blue'), true],
  ['shape in (round)', expression('shape', 'In', 'round'), false],
  ['color notin (red)', expression('color', 'NotIn', 'red'), false],
  ['shape notin (round)', expression('shape', 'NotIn', 'round'), true],
  ['size', expression('size', 'Exists'), true],
  ['shape', expression('shape', 'Exists'), false],
  ['!shape', expression('shape', 'DoesNotExist'), true],
  ['!size', expression('size', 'DoesNotExist'), false],
];

for (const [text, selector, matches] of cases) {
  test(`"${text}" ${matches ? 'selects' : 'does not select'} what is red`, (t) => {
    t.is(matchesSelector(selector, labels), matches);
    t.is(formatSelector(selector), text);
    t.is(selectorProblem(selector), undefined);
  });
}

test('both parts of a selector must hold, and are written in the order of their keys', (t) => {
  const selector = { ...expression('color', 'Exists'), matchLabels: { size: 'big' } };
  t.is(formatSelector(selector), 'color,size=big');
  t.false(matchesSelector(selector, labels));
  t.true(matchesSelector(selector, { color: 'red', size: 'big' }));
});

test('a selector without requirements is empty', (t) => {
  t.true(isEmptySelector({ matchLabels: {}, matchExpressions: [] }));
  t.true(isEmptySelector(undefined));
  t.false(isEmptySelector({ matchLabels: { color: 'red' } }));
});

const wrong: [selector: LabelSelector, problem: string][] = [
  [expression('color', 'Like', 'r*'), '"Like" is not an operator (want In, NotIn, '],
  [expression('color', 'In'), 'operator In takes at least one value'],
  [expression('color', 'NotIn'), 'operator NotIn takes at least one value'],
  [expression('color', 'Exists', 'red'), 'operator Exists takes no values'],
  [expression('color', 'DoesNotExist', 'red'), 'operator DoesNotExist takes no values'],
];

for (const [selector, problem] of wrong) {
  test(`is told of a selector: ${problem}`, (t) => {
    t.true(selectorProblem(selector)?.startsWith(problem), selectorProblem(selector));
  });
}

test('no selector selects nothing', (t) => {
  t.false(matchesSelector(undefined, labels));
});

test('what has an unknown operator selects nothing', (t) => {
  t.false(matchesSelector(expression('color', 'Like', 'red'), labels));
});
