import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { run } from '../run.ts';
import { missingPrograms } from './programs.ts';

/** One archive for each platform, with etcd, kube-apiserver and kubectl. */
export interface EnvtestRelease {
  version: string;
  /** The folder of archives, without a slash at the end. */
  url: string;
  /** SHA-512 in hex by platform. */
  checksums: Readonly<Record<string, string>>;
}

/** The version that the embedded API server follows; checksums from envtest-releases.yaml there. */
export const envtestRelease: EnvtestRelease = {
  version: '1.32.0',
  url: 'https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v1.32.0',
  checksums: {
    'linux-amd64':
      '3a9584af30d041c42893d8f7a860aa434976d4aee479cf2e9a50a9e5677dcc83d3012a2146a6feb5b2e95a7b3c6f657ae9c591745981262da8b06e4b61dcdf17',
    'linux-arm64':
      'ce6e44c5a3e99b595138cde396c1b179095db477be8ccd9f05cbd135bc15c391000d6e146907922872f0199b9c13a7e8ab6b5402f8cae3522514f0ef65914000',
    'darwin-amd64':
      'a7824ff8ae9c5062bcbde243a7a3a1c76e02de0c92e2b332daf1954405aeded856023f277d74197862d0d5909e9e1dca451b5f2e84796e451ad6011ec98f8433',
    'darwin-arm64':
      '728c66ef9c2503dd1eda1a398f57a04829ab7033e1007b5e23d6cc865e8ac5a753e4986847c8f5b76b3497ae4e3e468120e25ec5dfe3a3b1901d3ff20b97a7f9',
  },
};

const envtestPrograms: readonly string[] = ['etcd', 'kube-apiserver', 'kubectl'];

/** How long the network may take to say that it does not reach that far. */
const answerTimeout = 5_000;

/** How long an archive of 80 MB may take. */
const downloadTimeout = 300_000;

export interface Download {
  release: EnvtestRelease;
  platform: string;
  programs: readonly string[];
  /** Where the programs shall be; filled whole or not at all. */
  folder: string;
  say: (line: string) => void;
}

/** @throws Error why the archive does not help here: no such programs, no network, other bytes */
export async function downloadEnvtest(download: Download): Promise<void> {
  const { release, platform, programs, folder, say } = download;
  const lacking = programs.filter((name) => !envtestPrograms.includes(name));
  if (lacking.length > 0) throw new Error(`the envtest archive has no ${lacking.join(', no ')}`);
  const checksum = release.checksums[platform];
  if (checksum === undefined) throw new Error(`there is no envtest archive for ${platform}`);

  const parts = `${folder}.download-${process.pid}`;
  const archive = join(parts, 'envtest.tar.gz');
  await mkdir(join(parts, 'programs'), { recursive: true });
  try {
    const url = `${release.url}/envtest-v${release.version}-${platform}.tar.gz`;
    say(`Downloading ${url}`);
    const actual = await downloadFile(url, archive, say);
    if (actual !== checksum) {
      throw new Error(`the archive has the SHA-512 ${actual}, and not ${checksum}`);
    }
    // In the archive they are controller-tools/envtest/NAME.
    const target = join(parts, 'programs');
    await run('tar', ['-xzf', archive, '--strip-components=2', '-C', target]);
    await mkdir(dirname(folder), { recursive: true });
    if ((await missingPrograms(folder, programs)).length === 0) return; // another one was faster
    await rm(folder, { recursive: true, force: true });
    await rename(target, folder);
  } finally {
    await rm(parts, { recursive: true, force: true });
  }
}

/** Returns the SHA-512 in hex of what was written. */
async function downloadFile(
  url: string,
  path: string,
  say: (line: string) => void,
): Promise<string> {
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: answerTimeout },
    headersTimeout: answerTimeout,
    bodyTimeout: answerTimeout * 2,
  });
  try {
    const signal = AbortSignal.timeout(downloadTimeout);
    const response = await fetch(url, { dispatcher, signal });
    if (!response.ok || response.body === null) throw new Error(`${url}: HTTP ${response.status}`);
    const hash = createHash('sha512');
    const size = Number(response.headers.get('content-length') ?? 0);
    await pipeline(
      Readable.fromWeb(response.body),
      progress(size, say),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          yield chunk;
        }
      },
      createWriteStream(path),
    );
    return hash.digest('hex');
  } finally {
    await dispatcher.destroy();
  }
}

/** Says every tenth of the way. */
function progress(size: number, say: (line: string) => void): Transform {
  let seen = 0;
  let said = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      seen += chunk.length;
      const tenth = size > 0 ? Math.floor((seen / size) * 10) : 0;
      if (tenth > said) {
        said = tenth;
        say(`  ${tenth * 10} % of ${(size / 1e6).toFixed(0)} MB`);
      }
      done(null, chunk);
    },
  });
}
