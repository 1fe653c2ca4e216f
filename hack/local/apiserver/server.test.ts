/** Stories of the server itself: who may reach it, what it tells, what trouble it makes on order. */
import { request } from 'node:http';
import test from 'ava';
import { parse } from 'yaml';
import { FakeClock, settle } from '#test/helpers/fake-clock.ts';
import { view } from './object.ts';
import type { RequestRecord } from './server.ts';
import { configMap, configMapsPath, nodesPath, pod, podsPath, startApi } from './testing.ts';

/** `fetch` does not let a Host be chosen. */
function codeFor(url: string, headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const sent = request(url, { headers }, (response) => {
    response.resume();
    resolve(response.statusCode ?? 0);
  });
  sent.once('error', reject).end();
  return promise;
}

test('a page in a browser cannot reach the server', async (t) => {
  const { url } = await startApi(t);
  const path = `${url}/api/v1/namespaces`;
  for (const host of ['localhost:1', '127.0.0.1', '127.1.2.3:80', '[::1]:80']) {
    t.is(await codeFor(path, { host }), 200, host);
  }
  for (const host of ['evil.example', '127.0.0.1.evil.example', 'localhost.evil.example:80']) {
    t.is(await codeFor(path, { host }), 403, host);
  }
  t.is(await codeFor(path, { origin: 'http://localhost:3000' }), 403);
});

test('health, version and access are answered', async (t) => {
  const api = await startApi(t);
  for (const path of ['/healthz', '/livez', '/readyz']) t.is((await api.get(path)).text, 'ok');
  t.like((await api.get('/version')).body, { major: '1', minor: '32' });
  const review = await api.post('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { verb: 'list', resource: 'pods' } },
  });
  t.is(review.code, 201);
  t.like(review.body, { kind: 'SelfSubjectAccessReview', status: { allowed: true } });
});

test('the kubeconfig leads to the server', async (t) => {
  const { server, url } = await startApi(t);
  const config = view<{
    'current-context': string;
    clusters: { cluster: { server: string } }[];
  }>(parse(server.kubeconfig()));
  t.is(config['current-context'], 'kubemark-local');
  t.is(config.clusters[0]?.cluster.server, url);
});

test('both forms of discovery name the same resources', async (t) => {
  const api = await startApi(t);
  const legacy = view<{ resources: { name: string }[] }>((await api.get('/api/v1')).body);
  const names = legacy.resources.map(({ name }) => name);
  t.true(
    names.includes('pods') && names.includes('pods/eviction') && names.includes('nodes/status'),
  );
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const aggregated = await api.get('/api', { accept });
  t.is(aggregated.headers.get('content-type'), accept);
  const { versions } = view<{
    versions: { resources: { resource: string }[] }[];
  }>(aggregated.body.items[0]);
  t.deepEqual(
    versions[0]?.resources.map(({ resource }) => resource),
    names.filter((name) => !name.includes('/')),
  );
  const groups = view<{ groups: { name: string }[] }>((await api.get('/apis')).body);
  t.true(groups.groups.some(({ name }) => name === 'coordination.k8s.io'));
});

test('every OpenAPI document of the index exists and refers only to what it holds', async (t) => {
  const api = await startApi(t);
  const { paths } = view<{
    paths: Record<string, { serverRelativeURL: string }>;
  }>((await api.get('/openapi/v3')).body);
  t.true(Object.keys(paths).length > 5);
  for (const { serverRelativeURL } of Object.values(paths)) {
    const { text, code } = await api.get(serverRelativeURL);
    t.is(code, 200);
    const { schemas } = view<{ components: { schemas: object } }>(JSON.parse(text)).components;
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      t.true(name in schemas, `${serverRelativeURL}: ${name}`);
    }
  }
});

test('an error to order hits the requests it names, as often as it says', async (t) => {
  const api = await startApi(t);
  const error = { code: 503, reason: 'ServiceUnavailable', message: 'no', retryAfterSeconds: 2 };
  api.server.faults.add({ verb: 'create', resource: 'configmaps', times: 2, error });
  const first = await api.post(configMapsPath, configMap('a'));
  t.is(first.code, 503);
  t.is(first.headers.get('retry-after'), '2');
  t.like(first.body, { reason: 'ServiceUnavailable', message: 'no' });
  t.is((await api.post(podsPath, pod('a'))).code, 201);
  t.is((await api.post(configMapsPath, configMap('a'))).code, 503);
  t.is((await api.post(configMapsPath, configMap('a'))).code, 201);
});

test('faults choose by name, subresource and user agent, and can be taken away', async (t) => {
  const api = await startApi(t);
  const remove = api.server.faults.add({ name: 'a', subresource: 'status', conflict: true });
  await api.post(podsPath, pod('a'));
  await api.post(podsPath, pod('b'));
  const status = { status: { phase: 'Running' } };
  t.is((await api.patch(`${podsPath}/a`, { metadata: { labels: { x: 'y' } } })).code, 200);
  t.is((await api.patch(`${podsPath}/b/status`, status)).code, 200);
  const conflict = await api.patch(`${podsPath}/a/status`, status);
  t.is(conflict.code, 409);
  t.regex(conflict.body.message ?? '', /the object has been modified/);
  remove();
  t.is((await api.patch(`${podsPath}/a/status`, status)).code, 200);

  api.server.faults.add({ userAgent: 'victim', error: { code: 500, reason: '', message: '' } });
  t.is((await api.get(podsPath, { 'user-agent': 'the-victim/1' })).code, 500);
  t.is((await api.get(podsPath, { 'user-agent': 'other' })).code, 200);
  api.server.faults.clear();
  t.is((await api.get(podsPath, { 'user-agent': 'the-victim/1' })).code, 200);
});

test('latency passes on the clock of the server', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  api.server.faults.add({ verb: ['get', 'list'], latency: 1000 });
  let isAnswered = false;
  const reply = api.get(configMapsPath).then((answer) => {
    isAnswered = true;
    return answer;
  });
  while (clock.pending === 0) await settle();
  await clock.advance(999);
  t.false(isAnswered);
  await clock.advance(1);
  t.is((await reply).code, 200);
});

test('a connection dropped before leaves nothing done, one dropped after everything', async (t) => {
  const api = await startApi(t);
  api.server.faults.add({ verb: 'create', times: 1, dropConnection: 'before' });
  await t.throwsAsync(api.post(configMapsPath, configMap('a')));
  t.is((await api.get(`${configMapsPath}/a`)).code, 404);
  api.server.faults.add({ verb: 'create', times: 1, dropConnection: 'after' });
  await t.throwsAsync(api.post(configMapsPath, configMap('b')));
  t.is((await api.get(`${configMapsPath}/b`)).code, 200);
});

test('watches are dropped on order, those chosen and no others', async (t) => {
  const api = await startApi(t);
  const pods = await api.watch(`${podsPath}?watch=true`);
  const nodes = await api.watch(`${nodesPath}?watch=true`);
  t.is(api.server.faults.dropWatches({ resource: 'pods' }), 1);
  await t.throwsAsync(pods.next());
  await api.post(nodesPath, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' } });
  t.deepEqual(await nodes.names(1), ['ADDED a']);
});

test('the lifetime of watches can be shortened', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  api.server.faults.watchLifetime = 1000;
  const watch = await api.watch(`${podsPath}?watch=true&timeoutSeconds=600`);
  await clock.advance(1000);
  t.is(await watch.next(), undefined);
});

test('observers see every request with its outcome', async (t) => {
  const api = await startApi(t);
  const seen: RequestRecord[] = [];
  const stop = api.server.onRequest((record) => void seen.push(record));
  await api.post(podsPath, pod('a'));
  await api.get(`${podsPath}/none`);
  await api.patch(`${podsPath}/a/status`, { status: { phase: 'Running' } });
  await api.watch(`${podsPath}?watch=true`);
  stop();
  await api.delete(`${podsPath}/a`);
  t.deepEqual(
    seen.map(({ verb, resource, name, subresource, code }) =>
      [verb, resource, name, subresource, code].join(' '),
    ),
    ['create pods   201', 'get pods none  404', 'patch pods a status 200', 'watch pods   200'],
  );
});

test('closing ends open watches and frees the port', async (t) => {
  const api = await startApi(t);
  const watch = await api.watch(`${podsPath}?watch=true`);
  await api.server.close();
  await t.throwsAsync(watch.next());
  await t.throwsAsync(api.get('/healthz'));
});

test('a port that is taken is an error of listen', async (t) => {
  const first = await startApi(t);
  const { server } = await startApi(t);
  await server.close();
  await t.throwsAsync(server.listen({ port: Number(new URL(first.url).port) }), {
    code: 'EADDRINUSE',
  });
});
