import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { temporaryFolder } from '../testing.ts';
import { cacheFolder, findCached, newestFirst, platformOf } from './cache.ts';

test('the cache follows the XDG base directories', (t) => {
  const rest = 'cluster-api-provider-kubemark/kubernetes';
  t.is(cacheFolder({ XDG_CACHE_HOME: '/cache' }), `/cache/${rest}`);
  t.is(cacheFolder({}), join(homedir(), '.cache', rest));
  t.is(cacheFolder({ XDG_CACHE_HOME: '' }), join(homedir(), '.cache', rest));
});

test('platforms are written as Kubernetes writes them', (t) => {
  t.is(platformOf({ platform: 'linux', arch: 'x64' }), 'linux-amd64');
  t.is(platformOf({ platform: 'darwin', arch: 'arm64' }), 'darwin-arm64');
});

test('versions are ordered as numbers, and what is not one of the platform is left out', (t) => {
  const entries = [
    '1.9.0-linux-amd64',
    '1.32.0-linux-amd64',
    '1.20.2-linux-amd64.build',
    '1.20.2-linux-amd64',
    '1.33.0-linux-arm64',
    'notes.txt',
  ];
  t.deepEqual(newestFirst(entries, 'linux-amd64'), [
    '1.32.0-linux-amd64',
    '1.20.2-linux-amd64',
    '1.9.0-linux-amd64',
  ]);
});

test('the newest version that has every program is found', async (t) => {
  const cache = await temporaryFolder(t);
  const programs = { '1.20.2-linux-amd64': ['etcd', 'kubemark'], '1.32.0-linux-amd64': ['etcd'] };
  for (const [entry, names] of Object.entries(programs)) {
    await mkdir(join(cache, entry));
    for (const name of names) await writeFile(join(cache, entry, name), '', { mode: 0o755 });
  }
  const find = (...names: string[]): Promise<string | undefined> =>
    findCached(cache, 'linux-amd64', names);
  t.is(await find('etcd'), join(cache, '1.32.0-linux-amd64'));
  t.is(await find('etcd', 'kubemark'), join(cache, '1.20.2-linux-amd64'));
  t.is(await find('kube-apiserver'), undefined);
  await chmod(join(cache, '1.32.0-linux-amd64', 'etcd'), 0o644);
  t.is(await find('etcd'), join(cache, '1.20.2-linux-amd64'), 'half written');
  t.is(await findCached(join(cache, 'absent'), 'linux-amd64', ['etcd']), undefined);
});
