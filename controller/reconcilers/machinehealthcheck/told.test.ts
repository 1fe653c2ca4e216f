import test from 'ava';
import { Told } from './told.ts';

const key = { namespace: 'default', name: 'check' };

test('news are told once, and again when they were over in between', (t) => {
  const told = new Told();
  const tell = (...ids: string[]): string[] => [...told.newsOf(key, ids)];
  t.deepEqual(tell('a', 'b'), ['a', 'b']);
  t.deepEqual(tell('a', 'b', 'c'), ['c']);
  t.deepEqual(tell('b'), []);
  t.deepEqual(tell('a', 'b'), ['a']);
  told.forget(key);
  t.deepEqual(tell('b'), ['b']);
});
