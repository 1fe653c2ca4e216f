/** What the garbage collector does with owners and dependents. */
import { configMap } from '#local/apiserver/testing.ts';
import { conformance, type Api } from './suite.ts';

interface Family {
  owner: string;
  dependent: string;
}

/** Two ConfigMaps, of which one owns the other. */
async function family(api: Api, metadata: object = {}): Promise<Family> {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { body } = await api.must(api.post(configMaps, configMap('owner')));
  const { uid } = body.metadata;
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid, blockOwnerDeletion: true },
  ];
  await api.must(
    api.post(configMaps, configMap('dependent', {}, { ownerReferences, ...metadata })),
  );
  return { owner: `${configMaps}/owner`, dependent: `${configMaps}/dependent` };
}

const held = { finalizers: ['example.com/held'] };
const release = { metadata: { finalizers: null } };

conformance('Background: the owner goes first, its dependents after', async (t, api) => {
  const { owner, dependent } = await family(api, held);
  t.is((await api.delete(owner, { propagationPolicy: 'Background' })).body.kind, 'Status');
  t.is((await api.get(owner)).code, 404);
  await api.eventually('the dependent is being deleted', async () => {
    return (await api.get(dependent)).body.metadata.deletionTimestamp;
  });
  await api.must(api.patch(dependent, release));
  await api.gone(dependent);
});

conformance('Foreground: the owner waits for its dependents', async (t, api) => {
  const { owner, dependent } = await family(api, held);
  const { body } = await api.must(api.delete(owner, { propagationPolicy: 'Foreground' }));
  t.deepEqual(body.metadata.finalizers, ['foregroundDeletion']);
  t.truthy(body.metadata.deletionTimestamp);
  await api.eventually('the dependent is being deleted', async () => {
    return (await api.get(dependent)).body.metadata.deletionTimestamp;
  });
  t.is((await api.get(owner)).code, 200);
  await api.must(api.patch(dependent, release));
  await api.gone(dependent);
  await api.gone(owner);
});

conformance('Orphan: dependents stay, and forget their owner', async (t, api) => {
  const { owner, dependent } = await family(api);
  await api.must(api.delete(owner, { propagationPolicy: 'Orphan' }));
  await api.gone(owner);
  const { body } = await api.get(dependent);
  t.is(body.metadata.ownerReferences, undefined);
  t.is(body.metadata.deletionTimestamp, undefined);
});

conformance('a dependent goes when its owner never was', async (t, api) => {
  const { dependent } = await family(api, {
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: 'none' }],
  });
  await api.gone(dependent);
  t.pass();
});

conformance('a dependent stays as long as one of its owners does', async (t, api) => {
  const { owner, dependent } = await family(api);
  const reference = (await api.get(dependent)).body.metadata.ownerReferences?.[0];
  const lost = { ...reference, name: 'none', uid: 'none' };
  await api.must(api.patch(dependent, { metadata: { ownerReferences: [reference, lost] } }));
  await api.eventually('the lost owner is forgotten', async () => {
    return (await api.get(dependent)).body.metadata.ownerReferences?.length === 1;
  });
  await api.must(api.delete(owner));
  await api.gone(dependent);
  t.pass();
});
