import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { freePorts } from '../ports.ts';
import { temporaryFolder } from '../testing.ts';
import { platformOf } from './cache.ts';
import type { Build } from './debian.ts';
import type { EnvtestRelease } from './envtest.ts';
import { BinariesError, locateBinaries, type Search } from './locate.ts';

const platform = platformOf(process);

/** What a test may reach: nothing but what it brings along. */
interface World {
  cache: string;
  said: string[];
  builds: string[];
  search: (options?: Partial<Search>) => Promise<string>;
}

async function newWorld(t: ExecutionContext): Promise<World> {
  const home = await temporaryFolder(t);
  const said: string[] = [];
  const builds: string[] = [];
  const { apiServer: closed } = await freePorts({ apiServer: 0 });
  const unreachable = {
    version: '1.32.0',
    url: `http://127.0.0.1:${closed}`,
    checksums: { [platform]: '' },
  };
  const search: World['search'] = (options) =>
    locateBinaries({
      isFull: false,
      environment: { XDG_CACHE_HOME: home },
      say: (line) => void said.push(line),
      signal: new AbortController().signal,
      release: unreachable,
      build: async ({ folder }) => {
        builds.push(folder);
        throw new Error('apt-get is missing');
      },
      ...options,
    });
  return { cache: join(home, 'cluster-api-provider-kubemark', 'kubernetes'), said, builds, search };
}

async function fill(folder: string, ...programs: string[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const name of programs) await writeFile(join(folder, name), name, { mode: 0o755 });
  return folder;
}

/** A server with an archive of these programs, and the release that describes it. */
async function publish(t: ExecutionContext, ...programs: string[]): Promise<EnvtestRelease> {
  const folder = await temporaryFolder(t);
  await fill(join(folder, 'controller-tools', 'envtest'), ...programs);
  const file = join(folder, 'archive.tar.gz');
  await promisify(execFile)('tar', ['-czf', file, '-C', folder, 'controller-tools']);
  const archive = await readFile(file);
  const server = createServer((request, response) => {
    const isKnown = request.url === `/envtest-v1.32.0-${platform}.tar.gz`;
    response.writeHead(isKnown ? 200 : 404).end(isKnown ? archive : '');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const checksum = createHash('sha512').update(archive).digest('hex');
  const checksums = { [platform]: checksum };
  return { version: '1.32.0', url: `http://127.0.0.1:${port}`, checksums };
}

test('KUBEBUILDER_ASSETS comes first', async (t) => {
  const { cache, search } = await newWorld(t);
  await fill(join(cache, `1.32.0-${platform}`), 'etcd', 'kube-apiserver');
  const assets = await fill(await temporaryFolder(t), 'etcd', 'kube-apiserver');
  t.is(await search({ environment: { KUBEBUILDER_ASSETS: assets } }), assets);
});

test('KUBEBUILDER_ASSETS without a program is told of, and passed over', async (t) => {
  const { cache, said, search } = await newWorld(t);
  const programs = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const cached = await fill(join(cache, `1.20.2-${platform}`), ...programs);
  const assets = await fill(await temporaryFolder(t), 'etcd', 'kube-apiserver');
  const environment = { KUBEBUILDER_ASSETS: assets, XDG_CACHE_HOME: join(cache, '..', '..') };
  t.is(await search({ isFull: true, environment }), cached);
  t.deepEqual(said, [
    `KUBEBUILDER_ASSETS: ${assets} has no kube-controller-manager, no kube-scheduler`,
  ]);
});

test('the archive is downloaded into the cache, where it is found next time', async (t) => {
  const { cache, search, builds } = await newWorld(t);
  const release = await publish(t, 'etcd', 'kube-apiserver', 'kubectl');
  const folder = await search({ release });
  t.is(folder, join(cache, `1.32.0-${platform}`));
  t.deepEqual((await readdir(folder)).toSorted(), ['etcd', 'kube-apiserver', 'kubectl']);
  t.deepEqual(await readdir(cache), [`1.32.0-${platform}`], 'nothing else is left');
  t.is(await search(), folder);
  t.deepEqual(builds, []);
});

test('an archive with another checksum is thrown away', async (t) => {
  const { cache, search, builds } = await newWorld(t);
  const release = await publish(t, 'etcd', 'kube-apiserver', 'kubectl');
  const other = { ...release, checksums: { [platform]: 'f'.repeat(128) } };
  const error = await t.throwsAsync(search({ release: other }), { instanceOf: BinariesError });
  t.regex(error.message, /envtest: the archive has the SHA-512 [0-9a-f]{128}, and not f{128}/);
  t.deepEqual(await readdir(cache), []);
  t.is(builds.length, 1);
});

test('what no archive has is built, into a folder of its version', async (t) => {
  const { cache, search, said } = await newWorld(t);
  const folder = await search({ isFull: true, build: buildAtOnce });
  t.is(folder, join(cache, `1.20.2-${platform}`));
  t.deepEqual(said, [
    'No download: the envtest archive has no kube-controller-manager, no kube-scheduler',
    'building',
  ]);
  t.is(await search({ isFull: true }), folder);
});

async function buildAtOnce({ folder, say }: Build): Promise<void> {
  say('building');
  await fill(folder, 'etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler');
}

test('when nothing helps, one error says why of each source', async (t) => {
  const { search } = await newWorld(t);
  const error = await t.throwsAsync(search(), { instanceOf: BinariesError });
  const [title, envtest, debian, ...more] = error.message.split('\n  ');
  t.is(title, 'no source has the programs of a control plane:');
  t.regex(envtest ?? '', /^envtest: .*ECONNREFUSED/);
  t.is(debian, 'Debian: apt-get is missing');
  t.deepEqual(more, []);
});
