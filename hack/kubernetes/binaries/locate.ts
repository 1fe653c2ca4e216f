import { join } from 'node:path';
import { describeError } from '#runtime/error-text.ts';
import { cacheEntry, cacheFolder, findCached, platformOf } from './cache.ts';
import { buildFromDebian, debianVersion } from './debian.ts';
import { downloadEnvtest, envtestRelease, type EnvtestRelease } from './envtest.ts';
import { missingPrograms, nodePrograms, programsOf } from './programs.ts';

export interface Search {
  /** Also the controller manager and the scheduler. */
  isFull: boolean;
  /** Also the kubelet and kube-proxy. */
  isNode?: boolean;
  environment: Readonly<Record<string, string | undefined>>;
  /** Told what takes time. */
  say: (line: string) => void;
  signal: AbortSignal;
  release?: EnvtestRelease;
  build?: typeof buildFromDebian;
}

/** No source has the programs; `message` says why of each. */
export class BinariesError extends Error {
  override readonly name = 'BinariesError';
}

/**
 * The folder that has the programs: `KUBEBUILDER_ASSETS`, the cache, or the cache after it was filled
 * by a download or a build.
 *
 * @throws BinariesError
 */
export async function locateBinaries(search: Search): Promise<string> {
  const { environment, say, signal, release = envtestRelease, build = buildFromDebian } = search;
  const programs = programsOf(search);
  const reasons: string[] = [];

  const assets = environment['KUBEBUILDER_ASSETS'];
  if (assets) {
    const missing = await missingPrograms(assets, programs);
    if (missing.length === 0) return assets;
    reasons.push(`KUBEBUILDER_ASSETS: ${assets} has no ${missing.join(', no ')}`);
    say(reasons.join());
  }

  const platform = platformOf(process);
  const cache = cacheFolder(environment);
  const cached = await findCached(cache, platform, programs);
  if (cached !== undefined) return cached;

  const downloaded = join(cache, cacheEntry(release.version, platform));
  try {
    await downloadEnvtest({ release, platform, programs, folder: downloaded, say });
    return downloaded;
  } catch (error) {
    reasons.push(`envtest: ${describeError(error)}`);
    say(`No download: ${describeError(error)}`);
  }

  const built = join(cache, cacheEntry(debianVersion, platform));
  try {
    const more = search.isNode === true ? nodePrograms : [];
    await build({ folder: built, more, platform, say, signal });
    return built;
  } catch (error) {
    signal.throwIfAborted();
    reasons.push(`Debian: ${describeError(error)}`);
  }
  throw new BinariesError(
    ['no source has the programs of a control plane:', ...reasons].join('\n  '),
  );
}
