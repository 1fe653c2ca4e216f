import test from 'ava';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { freeNames } from './names.ts';

function set(name: string, uid = 'one') {
  const { metadata, ...rest } = newMachineSet(name);
  return { ...rest, metadata: { ...metadata, uid } };
}
const none = (): boolean => false;

test('asked again, a set gives the same names', (t) => {
  const names = freeNames(set('workers'), 3, none);
  t.deepEqual(freeNames(set('workers'), 3, none), names);
  t.deepEqual(freeNames(set('workers'), 5, none).slice(0, 3), names);
});

test('names that are taken are left out', (t) => {
  const [first = '', second, third] = freeNames(set('workers'), 3, none);
  t.deepEqual(
    freeNames(set('workers'), 2, (name) => name === first),
    [second, third],
  );
});

test('no name is given twice, be it of a thousand or of another set of the same name', (t) => {
  const names = freeNames(set('workers'), 1000, none);
  t.is(new Set(names).size, 1000);
  const others = freeNames(set('workers', 'other'), 3, none);
  t.deepEqual(
    others.filter((name) => names.slice(0, 3).includes(name)),
    [],
  );
});

test('a name begins with that of its set and is short enough for a label', (t) => {
  const [name = ''] = freeNames(set('workers'), 1, none);
  t.regex(name, /^workers-[bcdfghjklmnpqrstvwxz2-9]{5}$/);
  const [long = ''] = freeNames(set('a'.repeat(200)), 1, none);
  t.regex(long, /^a{57}-\w{5}$/);
  const [dotted = ''] = freeNames(set(`${'a'.repeat(56)}.b`), 1, none);
  t.regex(dotted, /^a{56}-\w{5}$/);
});
