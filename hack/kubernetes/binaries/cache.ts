import { readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isNotFoundFile } from '../files.ts';
import { missingPrograms } from './programs.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The folder whose folders are versions, shared by all checkouts (XDG base directories). */
export function cacheFolder(environment: Environment): string {
  const base = environment['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'cluster-api-provider-kubemark', 'kubernetes');
}

/** As Go and the releases of Kubernetes write it: `linux-amd64`. */
export function platformOf({ platform, arch }: { platform: string; arch: string }): string {
  return `${platform}-${arch === 'x64' ? 'amd64' : arch}`;
}

/** The name of a version's folder in the cache. */
export function cacheEntry(version: string, platform: string): string {
  return `${version}-${platform}`;
}

/** The cached folder with all of `programs`, of the newest version; undefined without one. */
export async function findCached(
  cache: string,
  platform: string,
  programs: readonly string[],
): Promise<string | undefined> {
  for (const entry of newestFirst(await entriesOf(cache), platform)) {
    const folder = join(cache, entry);
    if ((await missingPrograms(folder, programs)).length === 0) return folder;
  }
  return undefined;
}

/** The entries of a platform, by version; anything else is left out. */
export function newestFirst(entries: readonly string[], platform: string): string[] {
  return entries
    .filter((entry) => /^\d+\.\d+\.\d+$/.test(versionOf(entry, platform)))
    .toSorted((one, other) =>
      versionOf(other, platform).localeCompare(versionOf(one, platform), 'en', { numeric: true }),
    );
}

function versionOf(entry: string, platform: string): string {
  const suffix = `-${platform}`;
  return entry.endsWith(suffix) ? entry.slice(0, -suffix.length) : '';
}

async function entriesOf(cache: string): Promise<string[]> {
  try {
    return await readdir(cache);
  } catch (error) {
    if (isNotFoundFile(error)) return [];
    throw error;
  }
}
