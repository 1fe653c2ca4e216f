import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPrograms } from '#kubernetes/binaries/programs.ts';
import { run } from '#kubernetes/run.ts';
import type { ImagesOptions } from './build.ts';
import { findTool } from './tools.ts';

export interface KubemarkOptions extends Pick<ImagesOptions, 'prefix' | 'say' | 'signal'> {
  /** Where the programs of Kubernetes are. */
  binaries: string;
  /** The archive is written into this folder. */
  save: string;
}

/**
 * An image of the kubemark that was built with the programs of a control plane, for tests; its tag is the version, as
 * that of released images. Undefined where there is none.
 */
export async function buildKubemark(
  options: KubemarkOptions,
): Promise<{ image: string; archive: string } | undefined> {
  const { binaries, prefix, save, say, signal } = options;
  if ((await missingPrograms(binaries, ['kubemark'])).length > 0) return undefined;
  const running = { signal, onLine: (line: string) => say(`  ${line}`) };
  const tool = await findTool();
  const image = `${prefix}/kubemark:${await versionOf(join(binaries, 'kubemark'), signal)}`;
  say(`Building ${image} with ${tool.name}`);
  const dockerfile = fileURLToPath(new URL('kubemark.Dockerfile', import.meta.url));
  await tool.build({ image, dockerfile, context: binaries, arguments: {} }, running);
  const archive = join(save, 'kubemark.tar');
  await tool.save(image, archive, running);
  return { image, archive };
}

/** `v1.20.2` of `Kubernetes v1.20.2` */
async function versionOf(program: string, signal: AbortSignal): Promise<string> {
  const lines: string[] = [];
  await run(program, ['--version'], { signal, onLine: (line) => lines.push(line) });
  return lines.join('').replace(/^Kubernetes /, '');
}
