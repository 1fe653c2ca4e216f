/** Custom resources: defaulting, pruning, status, patches and scale. */
import { conformance, outcome } from '../suite.ts';
import { define, sized } from './widgets.ts';

conformance('a custom resource is defaulted and pruned', async (t, api) => {
  const { path, widget } = await define(api, sized);
  const spec = { size: 1, color: null, note: null, unknown: 1, nested: { odd: 1 }, free: { a: 1 } };
  const { code, body } = await api.post(path, widget('a', spec, { other: 1 }));
  t.is(code, 201);
  const kept = { size: 1, color: 'red', note: null, nested: { deep: 'water' }, free: { a: 1 } };
  t.deepEqual(body.spec, kept);
  t.false('other' in body);
  t.is(body.metadata.generation, 1);
});

conformance('generation counts changes of the spec, not of metadata and status', async (t, api) => {
  const { path, widget } = await define(api, sized);
  await api.must(api.post(path, widget('a', { size: 1 })));
  const generation = async (url: string, patch: object): Promise<unknown> =>
    (await api.must(api.patch(url, patch))).body.metadata.generation;
  t.is(await generation(`${path}/a`, { spec: { size: 2 } }), 2);
  t.is(await generation(`${path}/a`, { spec: { size: 2 } }), 2);
  t.is(await generation(`${path}/a`, { metadata: { labels: { a: 'b' } } }), 2);
  t.is(await generation(`${path}/a/status`, { status: { phase: 'On' } }), 2);
});

conformance('spec and status are written through different doors', async (t, api) => {
  const { path, widget } = await define(api, sized);
  const created = await api.must(
    api.post(path, widget('a', { size: 1 }, { status: { phase: 'On' } })),
  );
  t.is(created.body.status, undefined);
  await api.must(api.patch(`${path}/a`, { status: { phase: 'On' } }));
  t.is((await api.get(`${path}/a`)).body.status, undefined);
  const patch = {
    metadata: { labels: { a: 'b' } },
    spec: { size: 9 },
    status: { phase: 'On', odd: 1 },
  };
  const { body } = await api.must(api.patch(`${path}/a/status`, patch));
  t.deepEqual(body.status, { phase: 'On' });
  t.like(body.spec, { size: 1 });
  t.is(body.metadata.labels, undefined);
  const reply = await api.patch(`${path}/a/status`, { status: { phase: 5 } });
  t.is(outcome(reply), '422 Invalid');
  t.is(
    reply.body.details?.causes?.[0]?.message,
    'Invalid value: "integer": status.phase in body must be of type string: "integer"',
  );
});

conformance('a custom resource says what it is', async (t, api) => {
  const { path, widget, group } = await define(api, sized);
  const spec = { size: 1 };
  const other = await api.post(path, widget('a', spec, { kind: 'Gadget' }));
  t.is(outcome(other), '422 Invalid');
  t.is(
    other.body.message,
    `Gadget.${group} "a" is invalid: kind: Invalid value: "Gadget": must be Widget`,
  );
  t.is(outcome(await api.post(path, widget('a', spec, { apiVersion: 'x/v1' }))), '400 BadRequest');
  t.is(outcome(await api.post(path, widget('a', spec, { kind: undefined }))), '400 BadRequest');
  await api.must(api.post(path, widget('a', spec)));
  const patched = await api.patch(`${path}/a`, { apiVersion: 'x/v1' });
  t.is(
    patched.body.message,
    `Widget.x "a" is invalid: apiVersion: Invalid value: "x/v1": must be ${group}/v1`,
  );
});

conformance('PUT of a custom resource needs the version that it replaces', async (t, api) => {
  const { path, widget, group } = await define(api, sized);
  await api.must(api.post(path, widget('a', { size: 1 })));
  const reply = await api.put(`${path}/a`, widget('a', { size: 2 }));
  t.is(outcome(reply), '422 Invalid');
  t.is(
    reply.body.message,
    `widgets.${group} "a" is invalid: metadata.resourceVersion: Invalid value: 0x0: must be specified for an update`,
  );
});

conformance('custom resources take merge and JSON patches, no strategic ones', async (t, api) => {
  const { path, widget } = await define(api, sized);
  await api.must(api.post(path, widget('a', { size: 1, free: { a: 1 } })));
  const merged = await api.patch(`${path}/a`, { spec: { size: 2, free: null, color: null } });
  t.deepEqual(merged.body.spec, { size: 2, color: 'red', nested: { deep: 'water' } });
  const operations = [{ op: 'replace', path: '/spec/size', value: 3 }];
  t.like((await api.patch(`${path}/a`, operations, 'json-patch')).body.spec, { size: 3 });
  const strategic = await api.patch(`${path}/a`, { spec: { size: 4 } }, 'strategic-merge-patch');
  t.is(outcome(strategic), '415 UnsupportedMediaType');
});

conformance('scale reads and writes the replicas of a custom kind', async (t, api) => {
  const scale = {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  };
  const schema = { properties: { replicas: { type: 'integer' } } };
  const { path, widget } = await define(api, schema, { subresources: { status: {}, scale } });
  await api.must(api.post(path, widget('a', { replicas: 2 })));
  await api.must(api.patch(`${path}/a/status`, { status: { replicas: 1, selector: 'app=a' } }));
  const { body } = await api.must(api.get(`${path}/a/scale`));
  t.like(body, {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    spec: { replicas: 2 },
    status: { replicas: 1, selector: 'app=a' },
  });
  const scaled = await api.must(api.patch(`${path}/a/scale`, { spec: { replicas: 5 } }));
  t.like(scaled.body.spec, { replicas: 5 });
  t.like((await api.get(`${path}/a`)).body.spec, { replicas: 5 });
});

conformance('kinds without scale have none', async (t, api) => {
  const { path, widget } = await define(api, sized);
  await api.must(api.post(path, widget('a', { size: 1 })));
  t.is(outcome(await api.get(`${path}/a/scale`)), '404 NotFound');
});
