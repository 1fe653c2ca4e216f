/** Watches: order, resumption, selection, bookmarks, and their end. */
import { view } from '#local/apiserver/object.ts';
import { configMap, type WatchEvent } from '#local/apiserver/testing.ts';
import { define } from './custom-resources/widgets.ts';
import { conformance, type Api } from './suite.ts';

const lease = (name: string, labels: Record<string, string> = {}): object => ({
  metadata: { name, labels },
  spec: {},
});

const relabel = (app: string): object => ({ metadata: { labels: { app } } });

/** The version of an empty collection. */
async function versionOf(api: Api, path: string): Promise<string> {
  return (await api.must(api.get(path))).body.metadata.resourceVersion ?? '';
}

conformance('a watch tells changes in their order, from a version on', async (t, api) => {
  const leases = await api.leases();
  const watch = await api.watch(
    `${leases}?watch=true&resourceVersion=${await versionOf(api, leases)}`,
  );
  t.is(watch.code, 200);
  const created = await api.must(api.post(leases, lease('a')));
  await api.must(api.post(leases, lease('b')));
  const patch = { metadata: { labels: { a: 'b' } } };
  const changed = await api.must(api.patch(`${leases}/a`, patch));
  await api.must(api.delete(`${leases}/a`));
  const added = await watch.next();
  t.is(added?.type, 'ADDED');
  t.deepEqual(added?.object, created.body);
  t.deepEqual(await watch.names(1), ['ADDED b']);
  const modified = await watch.next();
  t.is(modified?.type, 'MODIFIED');
  t.deepEqual(modified?.object, changed.body);
  const deleted = await watch.next();
  t.is(deleted?.type, 'DELETED');
  t.deepEqual(deleted?.object.metadata.labels, { a: 'b' }, 'as it was last');
  const version = Number(deleted?.object.metadata.resourceVersion);
  t.true(version > Number(changed.body.metadata.resourceVersion), 'but newer');
});

conformance('a watch without version begins with what is there', async (t, api) => {
  const leases = await api.leases();
  await api.must(api.post(leases, lease('a')));
  const watch = await api.watch(`${leases}?watch=true`);
  t.deepEqual(await watch.names(1), ['ADDED a']);
  await api.must(api.post(leases, lease('b')));
  t.deepEqual(await watch.names(1), ['ADDED b']);
});

conformance('a watch that broke goes on where it was, and misses nothing', async (t, api) => {
  const leases = await api.leases();
  await api.must(api.post(leases, lease('a')));
  const { body } = await api.must(api.post(leases, lease('b')));
  await api.must(api.post(leases, lease('c')));
  await api.must(api.delete(`${leases}/a`));
  const watch = await api.watch(
    `${leases}?watch=true&resourceVersion=${body.metadata.resourceVersion}`,
  );
  t.deepEqual(await watch.names(2), ['ADDED c', 'DELETED a']);
});

conformance('a selected watch sees objects come and go with their labels', async (t, api) => {
  const leases = await api.leases();
  const since = await versionOf(api, leases);
  const watch = await api.watch(
    `${leases}?watch=true&labelSelector=app%3Dx&resourceVersion=${since}`,
  );
  await api.must(api.post(leases, lease('a', { app: 'y' })));
  await api.must(api.patch(`${leases}/a`, relabel('x')));
  await api.must(api.patch(`${leases}/a`, { spec: { holderIdentity: 'me' } }));
  await api.must(api.patch(`${leases}/a`, relabel('y')));
  await api.must(api.delete(`${leases}/a`));
  await api.must(api.post(leases, lease('b', { app: 'x' })));
  t.deepEqual(await watch.names(4), ['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
});

conformance('what leaves a selected watch is told as it was', async (t, api) => {
  const leases = await api.leases();
  const { body } = await api.must(api.post(leases, lease('a', { app: 'x' })));
  const watch = await api.watch(
    `${leases}?watch=true&labelSelector=app%3Dx&resourceVersion=${body.metadata.resourceVersion}`,
  );
  const left = await api.must(api.patch(`${leases}/a`, relabel('y')));
  const event = await watch.next();
  t.is(event?.type, 'DELETED');
  t.deepEqual(event?.object.metadata.labels, { app: 'x' });
  t.is(event?.object.metadata.resourceVersion, left.body.metadata.resourceVersion);
});

conformance('a watch of one object sees only that', async (t, api) => {
  const leases = await api.leases();
  const since = await versionOf(api, leases);
  const watch = await api.watch(
    `${leases}?watch=1&fieldSelector=metadata.name%3Db&resourceVersion=${since}`,
  );
  await api.must(api.post(leases, lease('a')));
  await api.must(api.post(leases, lease('b')));
  t.deepEqual(await watch.names(1), ['ADDED b']);
});

conformance('a watch ends after the time that it was given', async (t, api) => {
  const leases = await api.leases();
  const watch = await api.watch(`${leases}?watch=true&timeoutSeconds=1`);
  t.is(await watch.next(), undefined);
});

conformance('bookmarks tell how far the watch has come, to who asked for them', async (t, api) => {
  const leases = await api.leases();
  const since = await versionOf(api, leases);
  const query = `watch=true&resourceVersion=${since}&timeoutSeconds=3`;
  const plain = await api.watch(`${leases}?${query}`);
  const watch = await api.watch(`${leases}?${query}&allowWatchBookmarks=true`);
  await api.must(api.post(leases, lease('a')));
  const events: WatchEvent[] = [];
  for (let event = await watch.next(); event; event = await watch.next()) events.push(event);
  const bookmarks = events.filter(({ type }) => type === 'BOOKMARK');
  t.true(bookmarks.length > 0);
  for (const { object } of bookmarks) {
    t.is(object.kind, 'Lease');
    t.is(object.metadata.name, undefined);
  }
  // On a slow machine the first may overtake the writing.
  const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
  t.deepEqual(
    versions,
    versions.toSorted((left, right) => left - right),
    'what comes later is not older',
  );
  const changes = events.filter(({ type }) => type !== 'BOOKMARK');
  t.deepEqual(
    changes.map(({ type }) => type),
    ['ADDED'],
  );
  t.deepEqual(await plain.names(2), ['ADDED a'], 'and nothing until the end');
});

conformance.serial('a watch from a forgotten version is 410', async (t, api) => {
  // A real server keeps the history of a resource from its first use on: this one is new.
  const { path, widget } = await define(api, {});
  await api.must(api.post(path, widget('a')));
  await api.must(api.delete(`${path}/a`));
  await api.expireHistory();
  const watch = await api.watch(`${path}?watch=true&resourceVersion=1`);
  t.is(watch.code, 200);
  const event = await watch.next();
  t.is(event?.type, 'ERROR');
  t.like(event?.object, { kind: 'Status', code: 410, reason: 'Expired' });
  t.regex(event?.object.message ?? '', /^too old resource version: 1 \(\d+\)$/);
  t.is(await watch.next(), undefined);
});

conformance('a watch as a table describes its columns once', async (t, api) => {
  const configMaps = `${await api.namespace()}/configmaps`;
  const { body } = await api.must(api.post(configMaps, configMap('a')));
  const { resourceVersion } = body.metadata;
  const watch = await api.watch(`${configMaps}?watch=true&resourceVersion=${resourceVersion}`, {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  await api.must(api.patch(`${configMaps}/a`, { data: { k: 'v' } }));
  await api.must(api.patch(`${configMaps}/a`, { data: { k: 'w' } }));
  const [first, second] = [await nextTable(watch), await nextTable(watch)];
  t.is(first.kind, 'Table');
  t.deepEqual(
    first.columnDefinitions.map(({ name }) => name),
    ['Name', 'Data', 'Age'],
  );
  t.deepEqual(first.rows[0]?.cells.slice(0, 2), ['a', 1]);
  t.deepEqual(second.rows[0]?.cells.slice(0, 2), ['a', 1]);
});

interface Table {
  kind: string;
  columnDefinitions: { name: string }[];
  rows: { cells: unknown[] }[];
}

async function nextTable(watch: { next(): Promise<WatchEvent | undefined> }): Promise<Table> {
  return view<Table>((await watch.next())?.object);
}
