import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages, missingPackages } from '#kubernetes/node/packages.ts';
import { run, type RunOptions } from '#kubernetes/run.ts';
import { findTool } from './tools.ts';

/** The images of this project that run in every installation. */
export const imageNames = ['controller', 'fault-proxy', 'hollow-node'] as const;

export interface ImagesOptions {
  /** What stands before `/controller` and the others. */
  prefix: string;
  tag: string;
  /** An image with Node.js 24 and npm; empty: the Dockerfiles' own; `debian`: made here, from packages. */
  base: string;
  /** Also write an archive of each image into this folder; empty: do not. */
  save: string;
  say: (line: string) => void;
  signal: AbortSignal;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Builds the images; returns the archives that were asked for. */
export async function buildImages(options: ImagesOptions): Promise<string[]> {
  const { prefix, tag, save, say, signal } = options;
  const running = { signal, onLine: (line: string) => say(`  ${line}`) };
  const base = options.base === 'debian' ? await debianBase(options, running) : options.base;
  const tool = await findTool();
  const archives: string[] = [];
  if (save !== '') await mkdir(save, { recursive: true });
  for (const name of imageNames) {
    const image = `${prefix}/${name}:${tag}`;
    say(`Building ${image} with ${tool.name}`);
    await tool.build(
      {
        image,
        dockerfile: join(root, 'images', name, 'Dockerfile'),
        context: root,
        arguments: { VERSION: tag, ...(base !== '' && { BASE: base }) },
      },
      running,
    );
    if (save === '') continue;
    const archive = join(save, `${name}.tar`);
    await tool.save(image, archive, running);
    archives.push(archive);
  }
  return archives;
}

/** What `base.sh` needs: packages with a file of each. */
const basePackages = { buildah: '/usr/bin/buildah', debootstrap: '/usr/sbin/debootstrap' };

/** The name of a base image that is made once for each version of Node.js. */
async function debianBase({ say, signal }: ImagesOptions, running: RunOptions): Promise<string> {
  const image = `localhost/kubemark-base:${process.versions.node}`;
  const missing = await missingPackages(basePackages);
  if (missing.length > 0) await installPackages(missing, { say, signal });
  const isThere = await run('buildah', ['inspect', '--type=image', image]).then(
    () => true,
    () => false,
  );
  if (isThere) return image;
  say(`Making ${image} from Debian's packages, once`);
  const script = fileURLToPath(new URL('base.sh', import.meta.url));
  await run('sh', [script, image, process.execPath], running);
  return image;
}
