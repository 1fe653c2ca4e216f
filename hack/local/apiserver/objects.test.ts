/** Stories of single objects: create, read, change, refuse. */
import test from 'ava';
import { configMap, configMapsPath, nodesPath, pod, podsPath, startApi } from './testing.ts';

test('a created object gets its identity from the server', async (t) => {
  const api = await startApi(t);
  const forged = { uid: 'mine', deletionTimestamp: '2020-01-01T00:00:00Z' };
  const { code, body } = await api.post(configMapsPath, configMap('a', { x: 'y' }, forged));
  t.is(code, 201);
  t.regex(body.metadata.uid ?? '', /^[0-9a-f-]{36}$/);
  t.regex(body.metadata.creationTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  t.is(body.metadata.namespace, 'default');
  t.is(body.metadata.generation, undefined);
  t.is(body.metadata.deletionTimestamp, undefined);
  t.deepEqual((await api.get(`${configMapsPath}/a`)).body, body);
});

test('generateName adds five characters', async (t) => {
  const api = await startApi(t);
  const prefix = 'x'.repeat(70);
  const { body } = await api.post(configMapsPath, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { generateName: prefix },
  });
  t.regex(body.metadata.name ?? '', /^x{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});

const refusedCreations: [string, object, number, string | undefined, string][] = [
  ['a name twice', configMap('taken'), 409, 'AlreadyExists', 'configmaps "taken" already exists'],
  [
    'a bad name',
    configMap('A_b'),
    422,
    'Invalid',
    `ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
  ],
  [
    'no name',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} },
    422,
    'Invalid',
    'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
  ],
  [
    'another namespace than the URL',
    configMap('b', {}, { namespace: 'other' }),
    400,
    'BadRequest',
    'the namespace of the provided object does not match the namespace sent on the request',
  ],
  [
    'another version than the URL',
    { ...configMap('b'), apiVersion: 'v2' },
    400,
    'BadRequest',
    'the API version in the data (v2) does not match the expected API version (v1)',
  ],
  [
    'a resourceVersion',
    configMap('b', {}, { resourceVersion: '5' }),
    500,
    undefined,
    'resourceVersion should not be set on objects to be created',
  ],
  [
    'a label that is none',
    configMap('b', {}, { labels: { 'a b': 'c' } }),
    422,
    'Invalid',
    `ConfigMap "b" is invalid: metadata.labels: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  ],
  [
    'a value of the wrong type',
    { ...configMap('b'), data: { x: 5 } },
    400,
    'BadRequest',
    'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
  ],
];

for (const [what, object, code, reason, message] of refusedCreations) {
  test(`refuses to create an object with ${what}`, async (t) => {
    const api = await startApi(t);
    await api.post(configMapsPath, configMap('taken'));
    const reply = await api.post(configMapsPath, object);
    t.is(reply.body.message, message);
    t.like(reply.body, { kind: 'Status', status: 'Failure', reason, code });
    t.is(reply.code, code);
    t.is((await api.get(configMapsPath)).body.items.length, 1);
  });
}

test('reports unknown fields as the client asked', async (t) => {
  const api = await startApi(t);
  const object = { ...pod('a', { foo: 1 }), bar: 2 };
  const strict = await api.post(`${podsPath}?fieldValidation=Strict`, object);
  t.is(strict.code, 400);
  t.is(
    strict.body.message,
    'Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo", unknown field "bar"',
  );
  const warned = await api.post(podsPath, object);
  t.is(warned.code, 201);
  t.is(
    warned.headers.get('warning'),
    String.raw`299 - "unknown field \"spec.foo\"", 299 - "unknown field \"bar\""`,
  );
  t.is(warned.body.spec?.['foo'], undefined);
  const ignored = await api.patch(`${podsPath}/a?fieldValidation=Ignore`, { baz: 1 });
  t.is(ignored.code, 200);
  t.is(ignored.headers.get('warning'), null);
});

test('a stale update is a conflict, and one without a version overwrites', async (t) => {
  const api = await startApi(t);
  const first = (await api.post(configMapsPath, configMap('a', { n: '1' }))).body;
  const second = await api.put(`${configMapsPath}/a`, { ...first, data: { n: '2' } });
  t.is(second.code, 200);
  const stale = await api.put(`${configMapsPath}/a`, { ...first, data: { n: '3' } });
  t.is(stale.code, 409);
  t.like(stale.body, {
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
  });
  const blind = await api.put(`${configMapsPath}/a`, configMap('a', { n: '4' }));
  t.is(blind.code, 200);
  t.is(blind.body.metadata.uid, first.metadata.uid);
  t.is(blind.body.metadata.creationTimestamp, first.metadata.creationTimestamp);
});

test('an update of another object under the same name is a conflict', async (t) => {
  const api = await startApi(t);
  await api.post(configMapsPath, configMap('a'));
  const reply = await api.put(`${configMapsPath}/a`, configMap('a', { x: 'y' }, { uid: 'gone' }));
  t.is(reply.code, 409);
  t.regex(
    reply.body.message ?? '',
    /Precondition failed: UID in precondition: gone, UID in object/,
  );
});

test('a patch for another object under the same name is refused as a change of the uid', async (t) => {
  const api = await startApi(t);
  const { uid = '' } = (await api.post(configMapsPath, configMap('a'))).body.metadata;
  const reply = await api.patch(`${configMapsPath}/a`, { metadata: { uid: 'gone' }, data: {} });
  t.is(reply.code, 422);
  t.is(
    reply.body.message,
    'ConfigMap "a" is invalid: metadata.uid: Invalid value: "gone": field is immutable',
  );
  const stale = { uid: 'gone', resourceVersion: '1' };
  t.is((await api.patch(`${configMapsPath}/a`, { metadata: stale })).code, 409);
  t.is((await api.patch(`${configMapsPath}/a`, { metadata: { uid } })).code, 200);
});

test('a write that changes nothing makes no new version', async (t) => {
  const api = await startApi(t);
  const before = (await api.post(configMapsPath, configMap('a', { x: 'y' }))).body;
  const version = before.metadata.resourceVersion;
  const put = await api.put(`${configMapsPath}/a`, before);
  t.is(put.body.metadata.resourceVersion, version);
  const patched = await api.patch(`${configMapsPath}/a`, { data: { x: 'y', z: null } });
  t.is(patched.body.metadata.resourceVersion, version);
});

test('a dry run answers as if, and stores nothing', async (t) => {
  const api = await startApi(t);
  const created = await api.post(`${configMapsPath}?dryRun=All`, configMap('a'));
  t.is(created.code, 201);
  t.is((await api.get(`${configMapsPath}/a`)).code, 404);
  await api.post(configMapsPath, configMap('a', { x: 'y' }));
  const patched = await api.patch(`${configMapsPath}/a?dryRun=All`, { data: { x: 'z' } });
  t.deepEqual(patched.body['data'], { x: 'z' });
  t.is((await api.delete(`${configMapsPath}/a?dryRun=All`)).code, 200);
  t.is((await api.delete(`${configMapsPath}/a`, { dryRun: ['All'] })).code, 200);
  t.deepEqual((await api.get(`${configMapsPath}/a`)).body['data'], { x: 'y' });
  const wrong = await api.post(`${configMapsPath}?dryRun=Some`, configMap('b'));
  t.is(wrong.code, 422);
});

test('the three patches do what their media types say', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a', {}, { labels: { x: '1', y: '2' } }));
  const merged = await api.patch(`${podsPath}/a`, { metadata: { labels: { x: null, z: '3' } } });
  t.deepEqual(merged.body.metadata.labels, { y: '2', z: '3' });
  const json = await api.patch(
    `${podsPath}/a`,
    [{ op: 'replace', path: '/metadata/labels/y', value: '4' }],
    'json-patch',
  );
  t.deepEqual(json.body.metadata.labels, { y: '4', z: '3' });
  const strategic = await api.patch(
    `${podsPath}/a`,
    { spec: { containers: [{ name: 'main', image: 'nginx:2' }] } },
    'strategic-merge-patch',
  );
  t.like(strategic.body.spec, {
    containers: [{ image: 'nginx:2', imagePullPolicy: 'IfNotPresent' }],
  });
});

test('refuses patches that do not apply or are of an unknown type', async (t) => {
  const api = await startApi(t);
  await api.post(configMapsPath, configMap('a', { x: 'y' }));
  const failed = await api.patch(
    `${configMapsPath}/a`,
    [{ op: 'test', path: '/data/x', value: 'z' }],
    'json-patch',
  );
  t.is(failed.code, 422);
  t.is(failed.body.message, 'the server rejected our request due to an error in our request');
  const applied = await api.patch(`${configMapsPath}/a`, {}, 'apply-patch');
  t.is(applied.code, 415);
  t.is(
    applied.body.message,
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json',
  );
  const renamed = await api.patch(`${configMapsPath}/a`, { metadata: { name: 'b' } });
  t.is(renamed.code, 400);
  t.is(renamed.body.message, 'the name of the object (b) does not match the name on the URL (a)');
  const missing = await api.patch(`${configMapsPath}/none`, {});
  t.is(missing.code, 404);
  t.like(missing.body, { reason: 'NotFound', details: { name: 'none', kind: 'configmaps' } });
});

test('a patch with an old version is a conflict', async (t) => {
  const api = await startApi(t);
  const { body } = await api.post(configMapsPath, configMap('a'));
  await api.patch(`${configMapsPath}/a`, { data: { x: '1' } });
  const { resourceVersion } = body.metadata;
  const stale = await api.patch(`${configMapsPath}/a`, { metadata: { resourceVersion } });
  t.is(stale.code, 409);
});

test('status and spec are written through their own endpoints only', async (t) => {
  const api = await startApi(t);
  await api.post(podsPath, pod('a', {}, {}));
  const status = { phase: 'Running', podIP: '10.0.0.1' };
  const main = await api.patch(`${podsPath}/a`, { status, metadata: { labels: { x: 'y' } } });
  t.is(main.body.status?.['phase'], 'Pending');
  const own = await api.patch(`${podsPath}/a/status`, { status, spec: { hostname: 'h' } });
  t.like(own.body.status, { ...status, qosClass: 'BestEffort' });
  t.is(own.body.spec?.['hostname'], undefined);
  t.deepEqual(own.body.metadata.labels, { x: 'y' });
});

test('times lose what their format cannot hold', async (t) => {
  const api = await startApi(t);
  await api.post(nodesPath, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } });
  const condition = {
    type: 'Ready',
    status: 'True',
    lastHeartbeatTime: '2030-01-01T01:00:00.987+01:00',
  };
  const { body } = await api.patch(`${nodesPath}/a/status`, {
    status: { conditions: [condition] },
  });
  t.like(body.status, { conditions: [{ lastHeartbeatTime: '2030-01-01T00:00:00Z' }] });
  const wrong = await api.patch(`${nodesPath}/a/status`, {
    status: { conditions: [{ ...condition, lastHeartbeatTime: 'yesterday' }] },
  });
  t.is(wrong.code, 422);
  t.regex(wrong.body.message ?? '', /parsing time "yesterday" as "2006-01-02T15:04:05Z07:00"/);
});

test('refuses bodies that are not what they claim', async (t) => {
  const api = await startApi(t);
  const headers = { 'content-type': 'application/json' };
  const garbage = await api.send('POST', configMapsPath, '{"a":', headers);
  t.is(garbage.code, 400);
  t.regex(garbage.body.message ?? '', /json parse error/);
  t.is((await api.send('POST', configMapsPath, '[]', headers)).code, 400);
  t.is((await api.send('POST', configMapsPath, 'x', { 'content-type': 'text/csv' })).code, 415);
  const large = await api.send('POST', configMapsPath, ' '.repeat(3 * 1024 * 1024 + 1), headers);
  t.is(large.code, 413);
  t.is(large.body.reason, 'RequestEntityTooLarge');
});

test('takes YAML where it takes JSON', async (t) => {
  const api = await startApi(t);
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: "y"}\n';
  const reply = await api.send('POST', configMapsPath, yaml, {
    'content-type': 'application/yaml',
  });
  t.is(reply.code, 201);
  t.deepEqual(reply.body['data'], { x: 'y' });
});

test('a lease and an event may be created by PUT, other kinds may not', async (t) => {
  const api = await startApi(t);
  const lease = {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name: 'a' },
    spec: { renewTime: '2030-01-01T00:00:00.1234567Z' },
  };
  const path = '/apis/coordination.k8s.io/v1/namespaces/default/leases/a';
  const created = await api.put(path, lease);
  t.is(created.code, 201);
  t.is(created.body.spec?.['renewTime'], '2030-01-01T00:00:00.123456Z');
  const blind = await api.put(path, lease);
  t.is(blind.code, 422);
  t.is(
    blind.body.message,
    'leases.coordination.k8s.io "a" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update',
  );
  t.is((await api.put(`${configMapsPath}/none`, configMap('none'))).code, 404);
});

test('paths that nobody serves are not found, with a Status where the version is known', async (t) => {
  const api = await startApi(t);
  for (const [path, isBuiltIn] of [
    ['/', false],
    ['/nope', false],
    ['/apis/nope.io/v1/nopes', false],
    ['/api/v1/pods/a', true],
    ['/api/v1/namespaces/default/nodes', true],
    ['/api/v2/pods', true],
    ['/api/v1/nopes', true],
    [`${podsPath}/a/log`, true],
    [`${configMapsPath}/a/status`, true],
  ] as const) {
    const reply = await api.get(path);
    t.is(reply.code, 404, path);
    if (isBuiltIn)
      t.is(reply.body.message, 'the server could not find the requested resource', path);
    else t.is(reply.text, '404 page not found\n', path);
  }
  t.is((await api.post(`${configMapsPath}/a`, configMap('a'))).code, 405);
});
