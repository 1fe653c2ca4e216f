import test from 'ava';
import { addFinalizer, hasFinalizer, removeFinalizer } from './finalizers.ts';
import { pod } from './testing/objects.ts';

test('finalizers come and go once, and leave those of others alone', (t) => {
  const draft = pod('a', 1, { metadata: { finalizers: ['theirs'] } });
  t.false(hasFinalizer(draft, 'ours'));
  t.true(addFinalizer(draft, 'ours'));
  t.false(addFinalizer(draft, 'ours'));
  t.true(hasFinalizer(draft, 'ours'));
  t.deepEqual(draft.metadata.finalizers, ['theirs', 'ours']);
  t.true(removeFinalizer(draft, 'ours'));
  t.false(removeFinalizer(draft, 'ours'));
  t.deepEqual(draft.metadata.finalizers, ['theirs']);
});

test('an object without finalizers gets its first', (t) => {
  const draft = pod('a', 1);
  t.false(removeFinalizer(draft, 'ours'));
  t.true(addFinalizer(draft, 'ours'));
  t.deepEqual(draft.metadata.finalizers, ['ours']);
});
