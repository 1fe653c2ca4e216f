/** Stories of CustomResourceDefinitions and their objects. */
import test from 'ava';
import { settle } from '#test/helpers/fake-clock.ts';
import { view } from './object.ts';
import { definitionsPath, startApi, widget, widgetDefinition, widgetsPath } from './testing.ts';

const size = { properties: { size: { type: 'integer', minimum: 1, default: 1 } } };

test('a definition is served as soon as it is stored', async (t) => {
  const api = await startApi(t);
  t.is((await api.get(widgetsPath)).code, 404);
  const { code, body } = await api.post(definitionsPath, widgetDefinition(size));
  t.is(code, 201);
  t.like(body.status, {
    acceptedNames: { plural: 'widgets', singular: 'widget', listKind: 'WidgetList' },
    storedVersions: ['v1'],
    conditions: [
      { type: 'NamesAccepted', status: 'True' },
      { type: 'Established', status: 'True' },
    ],
  });
  t.like((await api.get(widgetsPath)).body, { kind: 'WidgetList', apiVersion: 'example.com/v1' });
});

test('objects are pruned, defaulted and validated', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size));
  const { body } = await api.post(widgetsPath, widget('a', { unknown: 1 }, { extra: true }));
  t.deepEqual(body.spec, { size: 1 });
  t.is(body['extra'], undefined);
  t.is(body.metadata.generation, 1);
  const invalid = await api.patch(`${widgetsPath}/a`, { spec: { size: 0 } });
  t.is(invalid.code, 422);
  t.like(invalid.body, {
    reason: 'Invalid',
    message:
      'Widget.example.com "a" is invalid: spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
    details: {
      group: 'example.com',
      kind: 'Widget',
      causes: [{ reason: 'FieldValueInvalid', field: 'spec.size' }],
    },
  });
  const strict = await api.post(
    `${widgetsPath}?fieldValidation=Strict`,
    widget('b', { sise: 1 }, { metadata: { name: 'b', lables: {} } }),
  );
  t.is(
    strict.body.message,
    'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "metadata.lables", unknown field "spec.sise"',
  );
});

test('the status subresource keeps status and the rest apart', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size));
  const created = await api.post(widgetsPath, widget('a', {}, { status: { phase: 'Forged' } }));
  t.is(created.body.status, undefined);
  const status = await api.patch(`${widgetsPath}/a/status`, {
    status: { phase: 'Running' },
    spec: { size: 9 },
    metadata: { labels: { x: 'y' } },
  });
  t.deepEqual(status.body.status, { phase: 'Running' });
  t.deepEqual(status.body.spec, { size: 1 });
  t.is(status.body.metadata.labels, undefined);
  t.is(status.body.metadata.generation, 1);
  const spec = await api.patch(`${widgetsPath}/a`, { spec: { size: 2 }, status: null });
  t.deepEqual(spec.body.status, { phase: 'Running' });
  t.is(spec.body.metadata.generation, 2);
  const { resourceVersion: _, ...metadata } = spec.body.metadata;
  const blind = await api.put(`${widgetsPath}/a`, { ...spec.body, metadata });
  t.is(blind.code, 422);
});

test('a patch of the status ignores the uid that it names, but not the version', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size));
  await api.post(widgetsPath, widget('a'));
  const other = await api.patch(`${widgetsPath}/a/status`, {
    metadata: { uid: 'gone' },
    status: { phase: 'Running' },
  });
  t.is(other.code, 200);
  const { uid, resourceVersion = '' } = other.body.metadata;
  t.regex(uid ?? '', /^[0-9a-f-]{36}$/);
  const stale = { resourceVersion: `${Number(resourceVersion) - 1}` };
  const body = { metadata: stale, status: { phase: 'Failed' } };
  t.is((await api.patch(`${widgetsPath}/a/status`, body)).code, 409);
  const put = await api.put(
    `${widgetsPath}/a/status`,
    widget('a', {}, { metadata: { name: 'a', uid: 'x' } }),
  );
  t.is(put.code, 409);
});

test('without the subresource, status is a field like others', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size, { subresources: {} }));
  const created = await api.post(widgetsPath, widget('a', {}, { status: { phase: 'x' } }));
  t.deepEqual(created.body.status, { phase: 'x' });
  const patched = await api.patch(`${widgetsPath}/a`, { status: { phase: 'y' } });
  t.is(patched.body.metadata.generation, 2);
  t.is((await api.get(`${widgetsPath}/a/status`)).code, 404);
});

test('scale reads and writes the paths that the definition names', async (t) => {
  const api = await startApi(t);
  const scale = {
    specReplicasPath: '.spec.count',
    statusReplicasPath: '.status.count',
    labelSelectorPath: '.status.selector',
  };
  const count = { properties: { count: { type: 'integer', maximum: 5 } } };
  await api.post(definitionsPath, widgetDefinition(count, { subresources: { status: {}, scale } }));
  await api.post(widgetsPath, widget('a', { count: 2 }));
  await api.patch(`${widgetsPath}/a/status`, { status: { count: 1, selector: 'x=y' } });
  const read = await api.get(`${widgetsPath}/a/scale`);
  t.like(read.body, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { replicas: 1, selector: 'x=y' },
  });
  const patched = await api.patch(`${widgetsPath}/a/scale`, { spec: { replicas: 4 } });
  t.deepEqual(patched.body.spec, { replicas: 4 });
  t.deepEqual((await api.get(`${widgetsPath}/a`)).body.spec, { count: 4 });
  t.is((await api.put(`${widgetsPath}/a/scale`, read.body)).code, 409);
  t.is((await api.patch(`${widgetsPath}/a/scale`, { spec: { replicas: -1 } })).code, 422);
  t.is((await api.patch(`${widgetsPath}/a/scale`, { spec: { replicas: 6 } })).code, 422);
});

test('strategic merge patch is not for custom kinds', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size));
  await api.post(widgetsPath, widget('a'));
  const reply = await api.patch(`${widgetsPath}/a`, { spec: { size: 2 } }, 'strategic-merge-patch');
  t.is(reply.code, 415);
  t.is(reply.body.reason, 'UnsupportedMediaType');
});

test('one set of objects is served in every version', async (t) => {
  const api = await startApi(t);
  const definition = view<{
    spec: { versions: Record<string, unknown>[] };
  }>(structuredClone(widgetDefinition(size)));
  const [v1] = definition.spec.versions;
  definition.spec.versions.push({ ...v1, name: 'v1beta1', storage: false });
  await api.post(definitionsPath, definition);
  await api.post(widgetsPath, widget('a', { size: 2 }));
  const older = widgetsPath.replace('/v1/', '/v1beta1/');
  const read = await api.get(`${older}/a`);
  t.like(read.body, { apiVersion: 'example.com/v1beta1', spec: { size: 2 } });
  const patched = await api.patch(`${older}/a`, { spec: { size: 3 } });
  t.is(patched.body.apiVersion, 'example.com/v1beta1');
  t.like((await api.get(`${widgetsPath}/a`)).body, {
    apiVersion: 'example.com/v1',
    spec: { size: 3 },
  });
  const watch = await api.watch(`${older}?watch=true`);
  t.is((await watch.next())?.object.apiVersion, 'example.com/v1beta1');
  const group = await api.get('/apis/example.com');
  t.like(group.body, { preferredVersion: { version: 'v1' } });
});

test('a changed definition is in force at once', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size));
  await api.post(widgetsPath, widget('a'));
  const { body } = await api.get(`${definitionsPath}/widgets.example.com`);
  const changed = view<{
    spec: Record<string, unknown>;
  }>(widgetDefinition({ properties: { color: { type: 'string' } } }));
  const updated = await api.put(`${definitionsPath}/widgets.example.com`, {
    ...body,
    spec: changed.spec,
  });
  t.is(updated.code, 200);
  t.is(updated.body.metadata.generation, 2);
  const patched = await api.patch(`${widgetsPath}/a`, { spec: { color: 'red', size: 2 } });
  t.deepEqual(patched.body.spec, { color: 'red' });
  const rescoped = await api.patch(`${definitionsPath}/widgets.example.com`, {
    spec: { scope: 'Cluster' },
  });
  t.is(rescoped.code, 422);
});

test('objects go with their definition, those with finalizers first', async (t) => {
  const api = await startApi(t);
  await api.post(definitionsPath, widgetDefinition(size));
  await api.post(widgetsPath, widget('a'));
  const held = { metadata: { name: 'b', finalizers: ['x.io/a'] } };
  await api.post(widgetsPath, widget('b', {}, held));
  const watch = await api.watch(`${widgetsPath}?watch=true`);
  await watch.names(2);
  const deleted = await api.delete(`${definitionsPath}/widgets.example.com`);
  t.deepEqual(deleted.body.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  t.deepEqual(await watch.names(2), ['DELETED a', 'MODIFIED b']);
  const late = await api.post(widgetsPath, widget('c'));
  t.is(late.code, 405);
  await api.patch(`${widgetsPath}/b`, { metadata: { finalizers: null } });
  t.is((await watch.next())?.type, 'DELETED');
  t.is(await watch.next(), undefined, 'the watch ends with its kind');
  await settle();
  t.is((await api.get(`${definitionsPath}/widgets.example.com`)).code, 404);
  t.is((await api.get(widgetsPath)).code, 404);
});

test('a definition that is not one is refused', async (t) => {
  const api = await startApi(t);
  const misnamed = { ...widgetDefinition(size), metadata: { name: 'gadgets.example.com' } };
  const reply = await api.post(definitionsPath, misnamed);
  t.is(reply.code, 422);
  t.is(
    reply.body.message,
    'CustomResourceDefinition.apiextensions.k8s.io "gadgets.example.com" is invalid: metadata.name: Invalid value: "gadgets.example.com": must be spec.names.plural+"."+spec.group',
  );
  const noSchema = await api.post(definitionsPath, widgetDefinition(size, { schema: {} }));
  t.regex(noSchema.body.message ?? '', /openAPIV3Schema: Required value: schemas are required/);
  const noStorage = await api.post(definitionsPath, widgetDefinition(size, { storage: false }));
  t.regex(noStorage.body.message ?? '', /must have exactly one version marked as storage version/);
  t.is((await api.post(definitionsPath, { metadata: { name: 'x' } })).code, 422);
});

test('printer columns appear in tables', async (t) => {
  const api = await startApi(t);
  const additionalPrinterColumns = [
    { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Never', type: 'string', jsonPath: '.spec.never' },
  ];
  await api.post(definitionsPath, widgetDefinition(size, { additionalPrinterColumns }));
  await api.post(widgetsPath, widget('a', { size: 3 }));
  await api.patch(`${widgetsPath}/a/status`, {
    status: {
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    },
  });
  const table = await api.get(widgetsPath, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  t.like(table.body, { rows: [{ cells: ['a', 3, 'True', null] }] });
});
