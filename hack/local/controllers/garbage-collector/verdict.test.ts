import test from 'ava';
import type { Item } from './graph.ts';
import type { OwnerState } from './owners.ts';
import { judge } from './verdict.ts';

const verdict = test.macro<
  [OwnerState[], { finalizers?: string[]; hasDependents?: boolean }, ReturnType<typeof judge>]
>((t, states, { finalizers = [], hasDependents = false }, expected) => {
  const item: Item = {
    kind: { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
    key: { namespace: 'default', name: 'p' },
    uid: 'p',
    owners: [],
    finalizers,
    deleting: false,
  };
  const owners = states.map((state, index) => {
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n', uid: `${state}-${index}` };
    return [owner, state] as const;
  });
  t.deepEqual(judge(item, owners, hasDependents), expected);
});

const keep = { action: 'keep' } as const;
const remove = (propagationPolicy: 'Orphan' | 'Foreground' | 'Background') =>
  ({ action: 'delete', propagationPolicy }) as const;

test('no owner: stays', verdict, [], {}, keep);
test('an owner that exists: stays', verdict, ['solid'], {}, keep);
test(
  'one of two owners gone: loses the reference',
  verdict,
  ['solid', 'absent'],
  {},
  {
    action: 'disown',
    uids: ['absent-1'],
  },
);
test(
  'one of two owners waiting: loses the reference',
  verdict,
  ['waiting', 'solid'],
  {},
  {
    action: 'disown',
    uids: ['waiting-0'],
  },
);
test('all owners gone: goes', verdict, ['absent', 'absent'], {}, remove('Background'));
test('an owner that cannot be looked up: stays', verdict, ['absent', 'unresolvable'], {}, keep);
test(
  'gone owners and an orphan finalizer: goes, orphaning',
  verdict,
  ['absent'],
  { finalizers: ['orphan'] },
  remove('Orphan'),
);
test(
  'gone owners and a foreground finalizer: goes, waiting',
  verdict,
  ['absent'],
  { finalizers: ['foregroundDeletion'] },
  remove('Foreground'),
);
test('a waiting owner: goes', verdict, ['waiting'], {}, remove('Background'));
test(
  'a waiting owner and own dependents: goes after them',
  verdict,
  ['waiting', 'absent'],
  { hasDependents: true },
  remove('Foreground'),
);
test(
  'gone owners and own dependents: they are collected afterwards',
  verdict,
  ['absent'],
  { hasDependents: true },
  remove('Background'),
);
