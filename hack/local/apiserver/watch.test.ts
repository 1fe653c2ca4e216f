/** Stories of watches: order, selectors, resuming, bookmarks, slow readers. */
import { connect } from 'node:net';
import test from 'ava';
import { FakeClock, settle } from '#test/helpers/fake-clock.ts';
import { view } from './object.ts';
import type { Api } from './testing.ts';
import { configMap, configMapsPath, nodesPath, pod, podsPath, startApi } from './testing.ts';

async function versionNow(api: Api): Promise<string> {
  const { metadata } = (await api.get(configMapsPath)).body;
  return metadata.resourceVersion ?? '';
}

test('a watch tells every change after its version, in order', async (t) => {
  const api = await startApi(t);
  await api.post(configMapsPath, configMap('before'));
  const version = await versionNow(api);
  await api.post(configMapsPath, configMap('a'));
  const watch = await api.watch(`${configMapsPath}?watch=true&resourceVersion=${version}`);
  const patched = await api.patch(`${configMapsPath}/a`, { data: { x: 'y' } });
  await api.delete(`${configMapsPath}/a`);

  t.is((await watch.next())?.type, 'ADDED');
  const modified = await watch.next();
  t.is(modified?.type, 'MODIFIED');
  t.deepEqual(modified?.object, patched.body);
  const deleted = await watch.next();
  t.is(deleted?.type, 'DELETED');
  t.deepEqual(deleted?.object['data'], { x: 'y' });
  t.true(
    Number(deleted?.object.metadata.resourceVersion) >
      Number(patched.body.metadata.resourceVersion),
    'a deletion has a version of its own, to resume from',
  );
});

test('a watch without a version starts with what is there', async (t) => {
  const api = await startApi(t);
  await api.post(configMapsPath, configMap('b'));
  await api.post(configMapsPath, configMap('a'));
  for (const query of ['watch=1', 'watch=true&resourceVersion=0']) {
    const watch = await api.watch(`${configMapsPath}?${query}`);
    t.deepEqual(await watch.names(2), ['ADDED a', 'ADDED b']);
  }
});

test('entering a selection is an addition, leaving it a deletion', async (t) => {
  const api = await startApi(t);
  const version = await versionNow(api);
  const query = `watch=true&resourceVersion=${version}`;
  const live = await api.watch(`${configMapsPath}?${query}&labelSelector=x%3Dy`);
  const { body } = await api.post(configMapsPath, configMap('a'));
  await api.patch(`${configMapsPath}/a`, { metadata: { labels: { x: 'y' } } });
  await api.patch(`${configMapsPath}/a`, { data: { n: '1' } });
  const left = await api.patch(`${configMapsPath}/a`, { metadata: { labels: { x: 'z' } } });
  await api.delete(`${configMapsPath}/a`);
  const replayed = await api.watch(`${configMapsPath}?${query}&labelSelector=x%3Dy`);
  for (const watch of [live, replayed]) {
    t.is((await watch.next())?.type, 'ADDED');
    t.is((await watch.next())?.type, 'MODIFIED');
    const last = await watch.next();
    t.is(last?.type, 'DELETED');
    t.deepEqual(last?.object.metadata.labels, { x: 'y' }, 'the state that was selected');
    t.is(last?.object.metadata.resourceVersion, left.body.metadata.resourceVersion);
    t.is(last?.object.metadata.uid, body.metadata.uid);
  }
});

test('watches pinned to a node see only its Pods', async (t) => {
  const api = await startApi(t);
  const [one, two, everything] = await Promise.all([
    api.watch('/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn1'),
    api.watch('/api/v1/pods?watch=true&fieldSelector=spec.nodeName%3Dn2'),
    api.watch('/api/v1/pods?watch=true'),
  ]);
  await api.post(podsPath, pod('a', { nodeName: 'n1' }));
  await api.post(podsPath, pod('b'));
  const target = { apiVersion: 'v1', kind: 'Binding', target: { kind: 'Node', name: 'n2' } };
  await api.post(`${podsPath}/b/binding`, target);
  await api.delete(`${podsPath}/a`, { gracePeriodSeconds: 0 });
  t.deepEqual(await one.names(3), ['ADDED a', 'MODIFIED a', 'DELETED a']);
  t.deepEqual(await two.names(1), ['ADDED b']);
  t.deepEqual(await everything.names(5), [
    'ADDED a',
    'ADDED b',
    'MODIFIED b',
    'MODIFIED a',
    'DELETED a',
  ]);
});

test('a watch of one name sees nothing else', async (t) => {
  const api = await startApi(t);
  const watch = await api.watch(`${nodesPath}?watch=true&fieldSelector=metadata.name%3Db`);
  for (const name of ['a', 'b', 'c']) {
    await api.post(nodesPath, { apiVersion: 'v1', kind: 'Node', metadata: { name } });
    await api.delete(`${nodesPath}/${name}`);
  }
  t.deepEqual(await watch.names(2), ['ADDED b', 'DELETED b']);
});

test('a version that is no longer known ends with 410', async (t) => {
  const api = await startApi(t);
  const version = await versionNow(api);
  await api.post(configMapsPath, configMap('a'));
  api.server.compact();
  const old = await api.watch(`${configMapsPath}?watch=true&resourceVersion=${version}`);
  const event = await old.next();
  t.is(event?.type, 'ERROR');
  t.like(event?.object, { kind: 'Status', code: 410, reason: 'Expired', status: 'Failure' });
  t.is(await old.next(), undefined);

  const current = await api.watch(
    `${configMapsPath}?watch=true&resourceVersion=${await versionNow(api)}`,
  );
  await api.post(configMapsPath, configMap('b'));
  t.deepEqual(await current.names(1), ['ADDED b']);
});

test('history is limited, and what fits in it can be resumed', async (t) => {
  const api = await startApi(t, { historySize: 3 });
  const versions: string[] = [];
  for (const name of ['a', 'b', 'c', 'd', 'e']) {
    const { metadata } = (await api.post(configMapsPath, configMap(name))).body;
    versions.push(metadata.resourceVersion ?? '');
  }
  const path = `${configMapsPath}?watch=true&resourceVersion=`;
  t.is((await (await api.watch(path + versions[0])).next())?.type, 'ERROR');
  t.deepEqual(await (await api.watch(path + versions[1])).names(3), [
    'ADDED c',
    'ADDED d',
    'ADDED e',
  ]);
});

test('bookmarks come each minute and before the server ends the watch', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  const query = 'watch=true&allowWatchBookmarks=true&timeoutSeconds=90';
  const watch = await api.watch(
    `${configMapsPath}?${query}&resourceVersion=${await versionNow(api)}`,
  );
  const silent = await api.watch(`${configMapsPath}?watch=true&timeoutSeconds=90`);
  await api.post('/api/v1/namespaces/default/secrets', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'elsewhere' },
  });
  const version = await versionNow(api);
  await clock.advance(60_000);
  const bookmark = await watch.next();
  t.deepEqual(bookmark?.object, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    // As Go writes an object that has nothing but a version.
    metadata: { resourceVersion: version, creationTimestamp: view<string>(null) },
  });
  await clock.advance(30_000);
  t.is((await watch.next())?.type, 'BOOKMARK');
  t.is(await watch.next(), undefined);
  t.is(await silent.next(), undefined);
  t.is(clock.pending, 0, 'no timer outlives its watch');
});

test('initial events as a stream are refused as by servers without WatchList', async (t) => {
  const api = await startApi(t);
  const reply = await api.get(
    `${configMapsPath}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
  );
  t.is(reply.code, 422);
  t.is(
    reply.body.message,
    'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
  );
});

test('a reader that does not read is cut off instead of buffered for', async (t) => {
  const api = await startApi(t);
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.pause();
  socket.write(`GET ${configMapsPath}?watch=true HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  while (api.server.faults.openWatches === 0) await settle();
  await api.post(configMapsPath, configMap('a', {}));
  const large = 'x'.repeat(900_000);
  for (let n = 0; n < 60 && api.server.faults.openWatches > 0; n++) {
    await api.patch(`${configMapsPath}/a`, { data: { large, n: String(n) } });
  }
  t.is(api.server.faults.openWatches, 0);
});

test('a client that goes leaves nothing behind', async (t) => {
  const clock = new FakeClock();
  const api = await startApi(t, { clock });
  const abort = new AbortController();
  await fetch(`${api.url}${podsPath}?watch=true&allowWatchBookmarks=true`, {
    signal: abort.signal,
  });
  t.is(api.server.faults.openWatches, 1);
  abort.abort();
  while (api.server.faults.openWatches > 0) await settle();
  t.is(clock.pending, 0);
});
