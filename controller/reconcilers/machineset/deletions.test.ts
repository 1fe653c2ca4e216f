import test from 'ava';
import { newMachine } from '#test/helpers/story.ts';
import { Deletions } from './deletions.ts';

function machine(uid: string) {
  const fresh = newMachine('worker');
  return { ...fresh, metadata: { ...fresh.metadata, uid } };
}

test('a machine counts until the API server agrees to delete it', (t) => {
  const deletions = new Deletions();
  deletions.ask(machine('one'));
  t.true(deletions.isAsked(machine('one')));
  t.false(deletions.isAgreed(machine('one')));
  deletions.agree(machine('one'));
  t.true(deletions.isAgreed(machine('one')));
  t.false(deletions.isAsked(machine('another of its name')));
});

test('what the cache shows needs not be remembered, not even when the answer comes later', (t) => {
  const deletions = new Deletions();
  deletions.ask(machine('one'));
  deletions.seen(machine('one'));
  deletions.agree(machine('one'));
  t.false(deletions.isAsked(machine('one')));
});
