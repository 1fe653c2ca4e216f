/** The files that install a release: a kustomization with the images of that release, built. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { ReleaseOptions } from './options.ts';

interface Image {
  name: string;
  newName: string;
  newTag?: string;
  digest?: string;
}

/** What `images:` of a kustomization says. A digest is enough: it stands in place of the tag. */
export function releasedImages(options: ReleaseOptions): Image[] {
  const digests = {
    controller: options['controller-digest'],
    'hollow-node': options['hollow-node-digest'],
    'fault-proxy': options['fault-proxy-digest'],
  };
  return Object.entries(digests).map(([name, digest]) => ({
    name: `cluster-api-provider-kubemark/${name}`,
    newName: `${options.prefix}/${name}`,
    ...(digest === '' ? { newTag: options.version } : { digest }),
  }));
}

/**
 * The text of a file.
 *
 * @param installation a folder of kustomize/ with `image-fields.yaml`
 *
 * @throws Error when kubectl fails or is not there
 */
export async function installFile(
  options: ReleaseOptions,
  installation = 'kustomize/default',
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'release-'));
  try {
    const fields = 'image-fields.yaml';
    await copyFile(join(installation, fields), join(folder, fields));
    const kustomization = {
      resources: [relative(folder, installation)],
      images: releasedImages(options),
      configurations: [fields],
    };
    await writeFile(join(folder, 'kustomization.yaml'), stringify(kustomization));
    const { stdout } = await promisify(execFile)('kubectl', ['kustomize', folder]);
    return `# cluster-api-provider-kubemark ${options.version}\n${stdout}`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A line as `sha256sum --check` reads it. */
export function checksumLine(name: string, content: string): string {
  return `${createHash('sha256').update(content).digest('hex')}  ${name}\n`;
}
