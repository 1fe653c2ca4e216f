/** Finalizers, grace periods, preconditions, and what goes along. */
import { configMap, pod } from '#local/apiserver/testing.ts';
import { conformance, outcome, refusal, type Api } from './suite.ts';

const finalizers = ['example.com/one'];

conformance(
  'a deletion without ado answers with a Status, and the object is gone',
  async (t, api) => {
    const configMaps = `${await api.namespace()}/configmaps`;
    const { body } = await api.must(api.post(configMaps, configMap('a')));
    const reply = await api.delete(`${configMaps}/a`);
    t.is(reply.code, 200);
    t.deepEqual(JSON.parse(reply.text), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: body.metadata.uid },
    });
    t.is(outcome(await api.get(`${configMaps}/a`)), '404 NotFound');
    t.is(outcome(await api.delete(`${configMaps}/a`)), '404 NotFound');
  },
);

conformance('an object with finalizers lingers until the last is removed', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const path = `${configMaps}/a`;
  await api.must(api.post(configMaps, configMap('a', {}, { finalizers })));
  const { body } = await api.must(api.delete(path));
  t.is(body.kind, 'ConfigMap');
  const { deletionTimestamp } = body.metadata;
  t.truthy(deletionTimestamp);
  t.is(body.metadata.deletionGracePeriodSeconds, 0);
  const again = await api.must(api.delete(path));
  t.is(again.body.metadata.resourceVersion, body.metadata.resourceVersion, 'nothing changes');
  const labelled = await api.must(api.patch(path, { metadata: { labels: { a: 'b' } } }));
  t.is(labelled.body.metadata.deletionTimestamp, deletionTimestamp);
  const revived = await api.must(api.patch(path, { metadata: { deletionTimestamp: null } }));
  t.is(revived.body.metadata.deletionTimestamp, deletionTimestamp);
  const more = { metadata: { finalizers: [...finalizers, 'example.com/two'] } };
  t.is(
    (await api.patch(path, more)).body.message,
    'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/two"}',
  );
  const last = await api.must(api.patch(path, { metadata: { finalizers: null } }));
  t.is(last.body.metadata.deletionTimestamp, deletionTimestamp);
  t.is((await api.get(path)).code, 404);
});

/** A Pod on a node without kubelet: nobody confirms its end. */
async function runningPod(api: Api, spec: object = {}, metadata: object = {}): Promise<string> {
  const pods = `${await api.namespace()}/pods`;
  const wanted = { automountServiceAccountToken: false, nodeName: 'nowhere', ...spec };
  await api.must(api.post(pods, pod('p', wanted, metadata)));
  return `${pods}/p`;
}

conformance('a Pod on a node gets time to end', async (t, api) => {
  const path = await runningPod(api, { terminationGracePeriodSeconds: 500 });
  const { body } = await api.must(api.delete(path));
  t.is(body.kind, 'Pod');
  t.is(body.metadata.deletionGracePeriodSeconds, 500);
  const longer = await api.must(api.delete(path, { gracePeriodSeconds: 600 }));
  t.is(longer.body.metadata.deletionGracePeriodSeconds, 500, 'never longer');
  const shorter = await api.must(api.delete(path, { gracePeriodSeconds: 300 }));
  t.is(shorter.body.metadata.deletionGracePeriodSeconds, 300);
  const { deletionTimestamp: before = '' } = body.metadata;
  const { deletionTimestamp: after = '' } = shorter.body.metadata;
  t.is(
    Date.parse(before) - Date.parse(after),
    200_000,
    'the end is counted from the same beginning',
  );
  t.is((await api.get(path)).code, 200);
  t.is((await api.delete(path, { gracePeriodSeconds: 0 })).code, 200);
  t.is((await api.get(path)).code, 404);
});

conformance('a Pod that is nowhere goes at once', async (t, api) => {
  const path = await runningPod(api, { nodeName: undefined });
  t.is((await api.delete(path)).code, 200);
  t.is((await api.get(path)).code, 404);
});

conformance('grace and finalizers both hold a Pod', async (t, api) => {
  const path = await runningPod(api, {}, { finalizers });
  await api.must(api.delete(path, { gracePeriodSeconds: 0 }));
  const { metadata } = (await api.get(path)).body;
  t.is(metadata.deletionGracePeriodSeconds, 0);
  await api.must(api.patch(path, { metadata: { finalizers: null } }));
  t.is((await api.get(path)).code, 404);
});

conformance('options of a deletion may stand in the query', async (t, api) => {
  const path = await runningPod(api);
  const { body } = await api.must(api.delete(`${path}?gracePeriodSeconds=7`));
  t.is(body.metadata.deletionGracePeriodSeconds, 7);
});

conformance('preconditions: another uid or version is a conflict', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { uid, resourceVersion } = (await api.must(api.post(configMaps, configMap('a')))).body
    .metadata;
  const path = `${configMaps}/a`;
  const why = 'Operation cannot be fulfilled on ConfigMap "a": ';
  t.deepEqual(refusal(await api.delete(path, { preconditions: { uid: 'x' } })), {
    code: 409,
    reason: 'Conflict',
    message: `${why}the UID in the precondition (x) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
  });
  t.deepEqual(refusal(await api.delete(path, { preconditions: { resourceVersion: '1' } })), {
    code: 409,
    reason: 'Conflict',
    message: `${why}the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
  });
  t.is((await api.get(path)).code, 200);
  t.is((await api.delete(path, { preconditions: { uid, resourceVersion } })).code, 200);
});

const badOptions: [title: string, options: object, message: string][] = [
  [
    'an unknown policy',
    { propagationPolicy: 'Some' },
    'propagationPolicy: Unsupported value: "Some": supported values: "Foreground", "Background", "Orphan", "nil"',
  ],
  [
    'two policies',
    { propagationPolicy: 'Orphan', orphanDependents: true },
    'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
  ],
];

for (const [title, options, message] of badOptions) {
  conformance(`a deletion with ${title} is refused`, async (t, api) => {
    const configMaps = `${await api.namespace()}/configmaps`;
    await api.must(api.post(configMaps, configMap('a')));
    const reply = await api.delete(`${configMaps}/a`, options);
    t.is(outcome(reply), '422 Invalid');
    t.is(reply.body.message, `DeleteOptions.meta.k8s.io "" is invalid: ${message}`);
    t.is((await api.get(`${configMaps}/a`)).code, 200);
  });
}

conformance('a deletion with options of another kind is refused', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  await api.must(api.post(configMaps, configMap('a')));
  const reply = await api.delete(`${configMaps}/a`, { kind: 'Other', apiVersion: 'v1' });
  t.like(reply.body, { kind: 'Status', code: reply.code });
  t.true(reply.code >= 400);
  t.is((await api.get(`${configMaps}/a`)).code, 200);
});

conformance('a collection is deleted by selector', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const labels = { app: 'x' };
  await api.must(api.post(configMaps, configMap('a', {}, { labels })));
  await api.must(api.post(configMaps, configMap('b', {}, { labels, finalizers })));
  await api.must(api.post(configMaps, configMap('c')));
  const { body } = await api.must(api.delete(`${configMaps}?labelSelector=app%3Dx`));
  t.is(body.kind, 'ConfigMapList');
  t.deepEqual(
    body.items.map(({ metadata }) => metadata.name),
    ['a', 'b'],
  );
  t.is((await api.get(`${configMaps}/a`)).code, 404);
  t.truthy((await api.get(`${configMaps}/b`)).body.metadata.deletionTimestamp);
  t.is((await api.get(`${configMaps}/c`)).code, 200);
  await api.must(api.patch(`${configMaps}/b`, { metadata: { finalizers: null } }));
});

conformance('namespaces are not deleted as a collection', async (t, api) => {
  t.is(outcome(await api.delete('/api/v1/namespaces')), '405 MethodNotAllowed');
});

conformance('a namespace takes its objects along, and waits for them', async (t, api) => {
  const namespace = await api.namespace();
  const configMaps = `${namespace}/configmaps`;
  await api.must(api.post(configMaps, configMap('a')));
  await api.must(api.post(configMaps, configMap('held', {}, { finalizers })));
  const { body } = await api.must(api.delete(namespace));
  t.is(body.status?.['phase'], 'Terminating');
  const late = await api.post(configMaps, configMap('late'));
  t.is(outcome(late), '403 Forbidden');
  const name = namespace.split('/').at(-1) ?? '';
  t.is(
    late.body.message,
    `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
  );
  t.is(late.body.details?.causes?.[0]?.reason, 'NamespaceTerminating');
  await api.gone(`${configMaps}/a`);
  await api.eventually('the held object is being deleted', async () => {
    return (await api.get(`${configMaps}/held`)).body.metadata.deletionTimestamp;
  });
  t.is((await api.get(namespace)).code, 200);
  await api.must(api.patch(`${configMaps}/held`, { metadata: { finalizers: null } }));
  await api.gone(namespace);
});
