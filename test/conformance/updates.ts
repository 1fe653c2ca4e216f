/** Replacing objects, and writing without a trace. */
import { configMap } from '#local/apiserver/testing.ts';
import { conformance, outcome, refusal } from './suite.ts';

conformance('PUT replaces the whole object, and no change is none', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const labels = { a: 'b' };
  const { body } = await api.must(api.post(configMaps, configMap('a', { k: 'v' }, { labels })));
  const same = await api.must(api.put(`${configMaps}/a`, body));
  t.is(same.body.metadata.resourceVersion, body.metadata.resourceVersion);
  const next = await api.must(api.put(`${configMaps}/a`, configMap('a', { l: 'w' })));
  t.deepEqual(next.body['data'], { l: 'w' });
  t.is(next.body.metadata.labels, undefined);
  t.is(next.body.metadata.uid, body.metadata.uid);
  t.not(next.body.metadata.resourceVersion, body.metadata.resourceVersion);
});

conformance('a stale resourceVersion is a conflict', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { body } = await api.must(api.post(configMaps, configMap('a')));
  await api.must(api.put(`${configMaps}/a`, { ...body, data: { k: '1' } }));
  const stale = await api.put(`${configMaps}/a`, { ...body, data: { k: '2' } });
  t.deepEqual(refusal(stale), {
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  });
  t.deepEqual(stale.body.details, { name: 'a', kind: 'configmaps' });
  t.like((await api.get(`${configMaps}/a`)).body, { data: { k: '1' } });
});

conformance('PUT names its object: name, namespace, uid, a version that is one', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { body } = await api.must(api.post(configMaps, configMap('a')));
  const put = async (metadata: object): Promise<[string, string]> => {
    const reply = await api.put(`${configMaps}/a`, { metadata });
    return [outcome(reply), reply.body.message ?? ''];
  };
  t.deepEqual(await put({ name: 'b' }), [
    '400 BadRequest',
    'the name of the object (b) does not match the name on the URL (a)',
  ]);
  t.deepEqual(await put({}), [
    '400 BadRequest',
    'the name of the object (a based on URL) was undeterminable: name must be provided',
  ]);
  t.is((await put({ name: 'a', namespace: 'other' }))[0], '400 BadRequest');
  t.deepEqual(await put({ name: 'a', resourceVersion: 'x' }), [
    '500',
    'strconv.ParseUint: parsing "x": invalid syntax',
  ]);
  const [code, message] = await put({ name: 'a', uid: 'x' });
  t.is(code, '409 Conflict');
  const why = `Precondition failed: UID in precondition: x, UID in object meta: ${body.metadata.uid}`;
  t.true(message.endsWith(why), message);
});

conformance('dry run decides and answers as a real write, and stores nothing', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const all = '?dryRun=All';
  const created = await api.post(configMaps + all, configMap('a', { k: 'v' }));
  t.is(created.code, 201);
  t.truthy(created.body.metadata.uid);
  t.is((await api.get(`${configMaps}/a`)).code, 404);
  const { body } = await api.must(api.post(configMaps, configMap('a', { k: 'v' })));
  t.is(outcome(await api.post(configMaps + all, configMap('a'))), '409 AlreadyExists');
  const put = await api.put(`${configMaps}/a${all}`, configMap('a', { k: 'w' }));
  t.like(put.body, { data: { k: 'w' } });
  const patched = await api.patch(`${configMaps}/a${all}`, { data: { l: 'x' } });
  t.like(patched.body, { data: { k: 'v', l: 'x' } });
  t.is((await api.delete(`${configMaps}/a${all}`)).code, 200);
  t.is((await api.delete(`${configMaps}/a`, { dryRun: ['All'] })).code, 200);
  t.is((await api.delete(configMaps + all)).code, 200);
  t.deepEqual((await api.get(`${configMaps}/a`)).body, body);
  t.deepEqual(refusal(await api.post(`${configMaps}?dryRun=Some`, configMap('b'))), {
    code: 422,
    reason: 'Invalid',
    message:
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: []string{"Some"}: supported values: "All"',
    causes: [
      {
        reason: 'FieldValueNotSupported',
        message: 'Unsupported value: []string{"Some"}: supported values: "All"',
        field: 'dryRun',
      },
    ],
  });
});

conformance('an immutable ConfigMap stays as it is', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const fixed = { ...configMap('a', { k: 'v' }), immutable: true };
  await api.must(api.post(configMaps, fixed));
  t.is(
    (await api.patch(`${configMaps}/a`, { data: { k: 'w' } })).body.message,
    'ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
  );
});
