/** Stories of the end of objects: grace periods, finalizers, preconditions, namespaces. */
import test from 'ava';
import { FakeClock } from '#test/helpers/fake-clock.ts';
import { configMap, configMapsPath, pod, podsPath, startApi } from './testing.ts';

const deletedPod = { kind: 'Pod', metadata: { name: 'a' } };

test('an object without finalizers goes at once and the answer is a Status', async (t) => {
  const api = await startApi(t);
  const { body } = await api.post(configMapsPath, configMap('a'));
  const reply = await api.delete(`${configMapsPath}/a`);
  t.is(reply.code, 200);
  t.like(reply.body, {
    kind: 'Status',
    status: 'Success',
    details: { name: 'a', kind: 'configmaps', uid: body.metadata.uid ?? '' },
  });
  t.is((await api.get(`${configMapsPath}/a`)).code, 404);
  t.is((await api.delete(`${configMapsPath}/a`)).code, 404);
});

test('finalizers keep an object, and the last one to go takes it along', async (t) => {
  const api = await startApi(t);
  await api.post(configMapsPath, configMap('a', {}, { finalizers: ['x.io/a', 'x.io/b'] }));
  const reply = await api.delete(`${configMapsPath}/a`);
  t.like(reply.body, { kind: 'ConfigMap' });
  t.truthy(reply.body.metadata.deletionTimestamp);
  t.is(reply.body.metadata.deletionGracePeriodSeconds, 0);

  const version = reply.body.metadata.resourceVersion;
  t.like((await api.delete(`${configMapsPath}/a`)).body, { kind: 'ConfigMap' });
  const again = await api.get(`${configMapsPath}/a`);
  t.is(again.body.metadata.resourceVersion, version, 'a second deletion changes nothing');

  const added = await api.patch(`${configMapsPath}/a`, { metadata: { finalizers: ['x.io/c'] } });
  t.is(added.code, 422);
  t.is(
    added.body.message,
    'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/c"}',
  );
  await api.patch(`${configMapsPath}/a`, { metadata: { finalizers: ['x.io/b'] } });
  t.is((await api.get(`${configMapsPath}/a`)).code, 200);
  await api.patch(`${configMapsPath}/a`, { metadata: { finalizers: null } });
  t.is((await api.get(`${configMapsPath}/a`)).code, 404);
});

test('a Pod on a node lingers for its grace period, and a shorter one shortens that', async (t) => {
  const clock = new FakeClock(Date.UTC(2030, 0, 1));
  const api = await startApi(t, { clock });
  await api.post(podsPath, pod('a', { nodeName: 'n' }));
  const first = await api.delete(`${podsPath}/a`);
  t.like(first.body, {
    metadata: { deletionTimestamp: '2030-01-01T00:00:30Z', deletionGracePeriodSeconds: 30 },
  });
  await clock.advance(5000);
  const longer = await api.delete(`${podsPath}/a`, { gracePeriodSeconds: 60 });
  t.is(longer.body.metadata.deletionTimestamp, '2030-01-01T00:00:30Z');
  const shorter = await api.delete(`${podsPath}/a?gracePeriodSeconds=10`);
  t.like(shorter.body, {
    metadata: { deletionTimestamp: '2030-01-01T00:00:10Z', deletionGracePeriodSeconds: 10 },
  });
  const last = await api.delete(`${podsPath}/a`, { gracePeriodSeconds: 0 });
  t.like(last.body, deletedPod);
  t.is((await api.get(`${podsPath}/a`)).code, 404);
});

test('a Pod that is on no node, or over, is not waited for', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a'));
  t.like((await api.delete(`${podsPath}/a`)).body, deletedPod);
  t.is((await api.get(`${podsPath}/a`)).code, 404);

  await api.post(podsPath, pod('b', { nodeName: 'n' }));
  await api.patch(`${podsPath}/b/status`, { status: { phase: 'Succeeded' } });
  await api.delete(`${podsPath}/b`);
  t.is((await api.get(`${podsPath}/b`)).code, 404);
});

test('a Pod with a finalizer outlives its grace period', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a', { nodeName: 'n' }, { finalizers: ['x.io/a'] }));
  await api.delete(`${podsPath}/a`);
  const forced = await api.delete(`${podsPath}/a`, { gracePeriodSeconds: 0 });
  t.is(forced.body.metadata.deletionGracePeriodSeconds, 0);
  t.is((await api.get(`${podsPath}/a`)).code, 200);
  await api.patch(`${podsPath}/a`, { metadata: { finalizers: null } });
  t.is((await api.get(`${podsPath}/a`)).code, 404);
});

test('preconditions protect the object that came after', async (t) => {
  const api = await startApi(t);
  const { uid, resourceVersion } = (await api.post(configMapsPath, configMap('a'))).body.metadata;
  const wrongUid = await api.delete(`${configMapsPath}/a`, { preconditions: { uid: 'other' } });
  t.is(wrongUid.code, 409);
  t.is(
    wrongUid.body.message,
    `Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (other) does not match the UID in record (${uid ?? ''}). The object might have been deleted and then recreated`,
  );
  const stale = await api.delete(`${configMapsPath}/a`, {
    preconditions: { resourceVersion: '1' },
  });
  t.is(stale.code, 409);
  const exact = await api.delete(`${configMapsPath}/a`, {
    preconditions: { uid, resourceVersion },
  });
  t.is(exact.code, 200);
});

test('the propagation policy becomes a finalizer for the garbage collector', async (t) => {
  const api = await startApi(t);
  for (const [policy, finalizers] of [
    ['Foreground', ['foregroundDeletion']],
    ['Orphan', ['orphan']],
  ] as const) {
    const name = policy.toLowerCase();
    await api.post(configMapsPath, configMap(name));
    const reply = await api.delete(`${configMapsPath}/${name}`, { propagationPolicy: policy });
    t.deepEqual(reply.body.metadata.finalizers, [...finalizers]);
  }
  await api.post(configMapsPath, configMap('background', {}, { finalizers: ['orphan'] }));
  await api.delete(`${configMapsPath}/background`, { propagationPolicy: 'Background' });
  t.is((await api.get(`${configMapsPath}/background`)).code, 404);
  const wrong = await api.delete(`${configMapsPath}/foreground`, { propagationPolicy: 'Maybe' });
  t.is(wrong.code, 422);
});

test('a collection is deleted by selector', async (t) => {
  const api = await startApi(t);
  await api.post(configMapsPath, configMap('a', {}, { labels: { x: 'y' } }));
  await api.post(configMapsPath, configMap('b'));
  const reply = await api.delete(`${configMapsPath}?labelSelector=x%3Dy`);
  t.is(reply.code, 200);
  t.deepEqual(
    (await api.get(configMapsPath)).body.items.map(({ metadata }) => metadata.name),
    ['b'],
  );
});

test('a namespace takes nothing new while it terminates, and goes when it is finalized', async (t) => {
  const api = await startApi(t);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'x' } };
  const created = await api.post('/api/v1/namespaces', namespace);
  t.like(created.body, {
    metadata: { labels: { 'kubernetes.io/metadata.name': 'x' } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  });
  const inside = '/api/v1/namespaces/x/configmaps';
  t.is((await api.post(inside, configMap('a'))).code, 201);

  const deleted = await api.delete('/api/v1/namespaces/x');
  t.like(deleted.body, { kind: 'Namespace', status: { phase: 'Terminating' } });
  const late = await api.post(inside, configMap('b'));
  t.is(late.code, 403);
  t.like(late.body, {
    reason: 'Forbidden',
    message:
      'configmaps "b" is forbidden: unable to create new content in namespace x because it is being terminated',
    details: { causes: [{ reason: 'NamespaceTerminating' }] },
  });
  t.is((await api.delete(inside)).code, 200);
  const update = await api.put('/api/v1/namespaces/x', {
    ...deleted.body,
    spec: { finalizers: [] },
  });
  t.deepEqual(update.body.spec, { finalizers: ['kubernetes'] }, 'only finalize may do that');

  const stale = await api.put('/api/v1/namespaces/x/finalize', { ...created.body, spec: {} });
  t.is(stale.code, 409);
  await api.put('/api/v1/namespaces/x/finalize', { ...deleted.body, spec: { finalizers: [] } });
  t.is((await api.get('/api/v1/namespaces/x')).code, 404);
});

test('the namespaces of the system are there and stay', async (t) => {
  const api = await startApi(t);
  const { items } = (await api.get('/api/v1/namespaces')).body;
  t.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['default', 'kube-node-lease', 'kube-public', 'kube-system'],
  );
  const reply = await api.delete('/api/v1/namespaces/default');
  t.is(reply.code, 403);
  t.is(reply.body.message, 'namespaces "default" is forbidden: this namespace may not be deleted');
});

test('nothing is created in a namespace that does not exist', async (t) => {
  const api = await startApi(t);
  const reply = await api.post('/api/v1/namespaces/none/configmaps', configMap('a'));
  t.is(reply.code, 404);
  t.is(reply.body.message, 'namespaces "none" not found');
});
