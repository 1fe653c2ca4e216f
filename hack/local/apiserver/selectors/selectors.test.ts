import test from 'ava';
import type { FieldSelector } from './field.ts';
import { matchesFields, metadataFields, parseFieldSelector, pinnedValue } from './field.ts';
import { fromObject, matchesLabels, parseLabelSelector } from './label.ts';

const labels = { app: 'x', tier: 'web', empty: '', n: '5' };

const selected: [string, boolean][] = [
  ['app=x', true],
  ['app==x', true],
  ['app = x , tier = web', true],
  ['app=y', false],
  ['app!=y', true],
  ['none!=y', true],
  ['app in (x, y)', true],
  ['app in (y)', false],
  ['app notin (y,z)', true],
  ['none notin (y)', true],
  ['app', true],
  ['none', false],
  ['!none', true],
  ['!app', false],
  ['empty=', true],
  ['app=', false],
  ['empty in (,x)', true],
  ['n>4,n<6', true],
  ['n>5', false],
  ['none>1', false],
  ['app=x,tier=db', false],
];

for (const [text, isSelected] of selected) {
  test(`the label selector "${text}" ${isSelected ? 'selects' : 'does not select'}`, (t) => {
    t.is(matchesLabels(parseLabelSelector(text), labels), isSelected);
  });
}

for (const text of ['app=x,', '=x', 'app in x', 'app in (x', 'app=x=y', ',', 'app x']) {
  test(`"${text}" is not a label selector`, (t) => {
    t.throws(() => parseLabelSelector(text), { message: /^unable to parse requirement: / });
  });
}

test('a selector object means the same as its text, and absent means nothing', (t) => {
  const object = {
    matchLabels: { app: 'x' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['web', 'db'] },
      { key: 'none', operator: 'DoesNotExist' },
    ],
  };
  t.deepEqual(fromObject(object), parseLabelSelector('app=x,tier in (web,db),!none'));
  t.true(matchesLabels(fromObject({}) ?? [], labels));
  t.is(fromObject(undefined), undefined);
});

const parse = (text: string): FieldSelector => parseFieldSelector(text, metadataFields);

test('field selectors compare exactly, with escapes', (t) => {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a,b=c', namespace: 'n' } };
  t.true(matchesFields(parse(String.raw`metadata.name=a\,b\=c,metadata.namespace==n`), object));
  t.false(matchesFields(parse('metadata.namespace!=n'), object));
  t.is(pinnedValue(parse('metadata.namespace!=x,metadata.name=y'), 'metadata.name'), 'y');
  t.is(pinnedValue(parse('metadata.namespace!=x'), 'metadata.namespace'), undefined);
  t.throws(() => parse('spec.x=y'), { message: 'field label not supported: spec.x' });
  t.throws(() => parse('nonsense'), { message: /can't understand 'nonsense'/ });
});
