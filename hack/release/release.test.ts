import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { checksumLine, releasedImages } from './install-file.ts';
import { parseOptions } from './options.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test('a release names its images by version, and by digest where one is known', (t) => {
  const options = parseOptions(['--version=v0.1.0', `--controller-digest=${digest}`]);
  t.not(options, 'help');
  t.deepEqual(options === 'help' || releasedImages(options), [
    {
      name: 'cluster-api-provider-kubemark/controller',
      newName: 'docker.io/cluster-api-provider-kubemark/controller',
      digest,
    },
    {
      name: 'cluster-api-provider-kubemark/hollow-node',
      newName: 'docker.io/cluster-api-provider-kubemark/hollow-node',
      newTag: 'v0.1.0',
    },
    {
      name: 'cluster-api-provider-kubemark/fault-proxy',
      newName: 'docker.io/cluster-api-provider-kubemark/fault-proxy',
      newTag: 'v0.1.0',
    },
  ]);
});

for (const args of [
  [],
  ['--version='],
  ['--version=0.1.0'],
  ['--version=v0.1'],
  ['--version=v01.0.0'],
  ['--version=v0.1.0-'],
  ['--version=v0.1.0+build'],
  ['--version=latest'],
]) {
  test(`a version is wanted: ${args.join(' ') || 'nothing'}`, (t) => {
    t.throws(() => parseOptions(args), { message: /want a version, e\.g\. "v0\.1\.0"/ });
  });
}

for (const version of ['v0.1.0', 'v1.20.300', 'v0.1.0-rc.1', 'v1.0.0-alpha-2.x']) {
  test(`${version} is a version`, (t) => {
    t.like(parseOptions([`--version=${version}`]), { version });
  });
}

for (const [flag, value] of [
  ['controller-digest', 'sha256:abc'],
  ['controller-digest', digest.slice('sha256:'.length)],
  ['hollow-node-digest', digest.toUpperCase()],
  ['prefix', 'https://example.com'],
  ['prefix', 'example.com/'],
] as const) {
  test(`nonsense is refused: --${flag}=${value}`, (t) => {
    const args = ['--version=v0.1.0', `--${flag}=${value}`];
    t.throws(() => parseOptions(args), { message: new RegExp(`for "--${flag}" flag: want `) });
  });
}

test('a mistake in the command is one line', async (t) => {
  const command = promisify(execFile)(process.execPath, ['hack/release/main.ts', '--version=1']);
  const error = await t.throwsAsync(command);
  t.like(error, { code: 2, stdout: '' });
  const { stderr = '' } = Object(error);
  t.regex(String(stderr), /^release-manifests: invalid argument "1" for "--version" flag: .*\n$/);
});

test('a checksum is what sha256sum writes', (t) => {
  // Of the empty text, as everybody knows it.
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  t.is(checksumLine('install.yaml', ''), `${empty}  install.yaml\n`);
});
