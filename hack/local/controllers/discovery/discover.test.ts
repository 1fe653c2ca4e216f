import test from 'ava';
import { discoverKinds } from './discover.ts';

const all = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

const documents: Record<string, unknown> = {
  '/apis': {
    groups: [
      {
        name: 'apps',
        versions: [{ groupVersion: 'apps/v1beta1' }, { groupVersion: 'apps/v1' }],
        preferredVersion: { groupVersion: 'apps/v1' },
      },
    ],
  },
  '/api/v1': {
    groupVersion: 'v1',
    resources: [
      { name: 'pods', kind: 'Pod', namespaced: true, verbs: all },
      { name: 'pods/status', kind: 'Pod', namespaced: true, verbs: all },
      { name: 'bindings', kind: 'Binding', namespaced: true, verbs: ['create'] },
      { name: 'nodes', kind: 'Node', namespaced: false, verbs: all },
    ],
  },
  '/apis/apps/v1': {
    groupVersion: 'apps/v1',
    resources: [{ name: 'replicasets', kind: 'ReplicaSet', namespaced: true, verbs: all }],
  },
  '/apis/apps/v1beta1': {
    groupVersion: 'apps/v1beta1',
    resources: [
      { name: 'replicasets', kind: 'ReplicaSet', namespaced: true, verbs: all },
      { name: 'relics', kind: 'Relic', namespaced: true, verbs: all },
    ],
  },
};

const reader = (served: Record<string, unknown>) => ({
  getPath: async <Answer>(path: string): Promise<Answer> => {
    if (!(path in served)) throw new Error(`no ${path}`);
    const answer: Answer = JSON.parse(JSON.stringify(served[path]));
    return answer;
  },
});

test('each kind comes once, in the preferred version, without subresources', async (t) => {
  const { kinds, failures } = await discoverKinds(reader(documents));
  t.deepEqual(kinds, [
    { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true },
    { group: '', version: 'v1', kind: 'Node', plural: 'nodes', namespaced: false },
    { group: 'apps', version: 'v1', kind: 'ReplicaSet', plural: 'replicasets', namespaced: true },
    { group: 'apps', version: 'v1beta1', kind: 'Relic', plural: 'relics', namespaced: true },
  ]);
  t.deepEqual(failures, []);
});

test('a group version that does not answer hides only its own kinds', async (t) => {
  const { '/apis/apps/v1': _, ...rest } = documents;
  const { kinds, failures } = await discoverKinds(reader(rest));
  t.deepEqual(
    kinds.map(({ plural, version }) => `${plural} ${version}`),
    ['pods v1', 'nodes v1', 'replicasets v1beta1', 'relics v1beta1'],
  );
  t.deepEqual(failures.map(String), ['Error: no /apis/apps/v1']);
});

test('nothing is claimed when the groups cannot be read', async (t) => {
  await t.throwsAsync(discoverKinds(reader({})), { message: 'no /apis' });
});
