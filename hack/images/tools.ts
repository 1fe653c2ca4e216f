import { access, constants, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run, type RunOptions } from '#kubernetes/run.ts';

/** No program here builds images; `message` says what was tried. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

export type ToolName = 'docker' | 'podman' | 'buildah';

/** What is the same for all that build images. */
export interface Tool {
  name: ToolName;
  build(build: ImageBuild, options: RunOptions): Promise<void>;
  /** Writes an archive that knows the image's full name. */
  save(image: string, file: string, options: RunOptions): Promise<void>;
}

export interface ImageBuild {
  image: string;
  dockerfile: string;
  context: string;
  arguments: Readonly<Record<string, string>>;
}

/**
 * The first of docker, podman and buildah that works here.
 *
 * @throws ToolError
 */
export async function findTool(): Promise<Tool> {
  if (await works('docker', 'info')) return docker;
  if (await isInstalled('podman')) return podman;
  if (await isInstalled('buildah')) return buildah;
  throw new ToolError('there is neither a running docker, nor podman, nor buildah');
}

const docker: Tool = {
  name: 'docker',
  build: (build, options) => run('docker', ['build', ...commonArguments(build)], options),
  save: (image, file, options) => run('docker', ['save', '--output', file, image], options),
};

const podman: Tool = {
  name: 'podman',
  build: (build, options) => buildAsHere(['podman', 'build'], build, options),
  save: (image, file, options) => run('podman', ['save', '--output', file, image], options),
};

/** `chroot`: needs no more than root, and works within a container. */
const buildah: Tool = {
  name: 'buildah',
  build: (build, options) =>
    buildAsHere(['buildah', 'bud', '--isolation=chroot', '--layers', '--force-rm'], build, options),
  save: (image, file, options) =>
    run('buildah', ['push', '--quiet', image, `docker-archive:${file}:${image}`], options),
};

function commonArguments({ image, dockerfile, context, arguments: values }: ImageBuild): string[] {
  const pairs = Object.entries(values).map(([name, value]) => `--build-arg=${name}=${value}`);
  return ['--quiet', `--file=${dockerfile}`, `--tag=${image}`, ...pairs, context];
}

/** Tools without a daemon share this machine's way to the npm registry with the build. */
async function buildAsHere(
  [program = '', ...first]: readonly string[],
  build: ImageBuild,
  options: RunOptions,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'image-build-'));
  try {
    const npmrc = join(folder, 'npmrc');
    const settings = await npmSettings(options);
    const authorities = settings['cafile'];
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(npmrc, lines.join(''));
    const volumes = [
      `${npmrc}:/usr/local/etc/npmrc:ro`,
      ...(authorities === undefined ? [] : [`${authorities}:${authorities}:ro`]),
    ];
    const shared = volumes.map((volume) => `--volume=${volume}`);
    await run(program, [...first, '--network=host', ...shared, ...commonArguments(build)], options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const sharedSettings = ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy'];

/** What npm is told here, by its files or by Node.js's environment. */
async function npmSettings(options: RunOptions): Promise<Readonly<Record<string, string>>> {
  const lines: string[] = [];
  const args = ['config', 'get', ...sharedSettings];
  await run('npm', args, { ...options, onLine: (line) => lines.push(line) });
  const told = lines
    .map((line) => /^(?<name>[a-z-]+)=(?<value>.+)$/.exec(line)?.groups ?? {})
    .filter(({ value = 'null' }) => value !== 'null')
    .map(({ name = '', value = '' }) => [name, value]);
  const authorities = process.env['NODE_EXTRA_CA_CERTS'];
  return { ...(authorities && { cafile: authorities }), ...Object.fromEntries(told) };
}

async function isInstalled(program: string): Promise<boolean> {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => access(join(folder, program), constants.X_OK));
  return Promise.any(found).then(
    () => true,
    () => false,
  );
}

/** Docker's client is often there without its engine. */
async function works(program: string, ...args: string[]): Promise<boolean> {
  if (!(await isInstalled(program))) return false;
  const signal = AbortSignal.timeout(10_000);
  return run(program, args, { signal }).then(
    () => true,
    () => false,
  );
}
