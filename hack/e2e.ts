/**
 * `make e2e`: finds or starts a cluster that runs containers, gives it the images, and goes the user's journey there
 * (test/e2e). Prints TAP; what it does meanwhile is told on standard error. Whatever it starts ends with it.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from '#kubernetes/binaries/cache.ts';
import { locateBinaries } from '#kubernetes/binaries/locate.ts';
import { startControlPlane, stopControlPlane } from '#kubernetes/control-plane.ts';
import { importImage, prepareNode } from '#kubernetes/node/node.ts';
import { run } from '#kubernetes/run.ts';
import { stateFolder } from '#kubernetes/state.ts';
import { realClock } from '#runtime/clock.ts';
import { describeError } from '#runtime/error-text.ts';
import { buildImages } from './images/build.ts';
import { buildKubemark } from './images/kubemark.ts';

interface Cluster {
  kubeconfig: string;
  kustomization: string;
  /** An image that it has; absent: `E2E_KUBEMARK_IMAGE` may name one that it can pull. */
  kubemark?: string;
  /** Removes what `open` has made. */
  close: () => Promise<void>;
}

interface Choice {
  what: string;
  open: () => Promise<Cluster>;
}

const stop = new AbortController();
const { signal } = stop;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));
}

/** The first cluster that can be had here. */
async function choose(): Promise<Choice | undefined> {
  if (process.env['E2E_USE_CURRENT'] === '1') return { what: 'the current cluster', open: current };
  if (await works('docker', 'info')) {
    if (await works('kind', 'version')) return { what: 'a kind cluster', open: openKind };
  }
  const isDebian = await readFile('/etc/debian_version').then(
    () => true,
    () => false,
  );
  if (isDebian && process.getuid?.() === 0)
    return { what: 'a node of this machine', open: openNode };
  return undefined;
}

function current(): Promise<Cluster> {
  return Promise.resolve({
    kubeconfig: process.env['KUBECONFIG'] ?? join(process.env['HOME'] ?? '', '.kube', 'config'),
    kustomization: process.env['E2E_KUSTOMIZATION'] ?? 'kustomize/default',
    close: () => Promise.resolve(),
  });
}

const images = { prefix: 'docker.io/cluster-api-provider-kubemark', tag: 'dev', say, signal };

async function openKind(): Promise<Cluster> {
  const name = 'kubemark-provider-e2e';
  const folder = await mkdtemp(join(tmpdir(), 'kubemark-e2e-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const close = async (): Promise<void> => {
    await run('kind', ['delete', 'cluster', `--name=${name}`, `--kubeconfig=${kubeconfig}`]);
    await rm(folder, { recursive: true });
  };
  await buildImages({ ...images, base: '', save: '' });
  process.env['KUBECONFIG'] = kubeconfig; // where kind writes, instead of the user's own
  try {
    await run('hack/kind-up', [name], { signal, onLine: say });
  } catch (error) {
    await close();
    throw error;
  }
  return { kubeconfig, kustomization: 'kustomize/overlays/kind', close };
}

async function openNode(): Promise<Cluster> {
  const cache = cacheFolder(process.env);
  const parent = stateFolder(process.env);
  const environment = process.env;
  await prepareNode({ cache, parent, say, signal });
  const binaries = await locateBinaries({ isFull: true, isNode: true, environment, say, signal });
  const folder = await mkdtemp(join(tmpdir(), 'kubemark-e2e-'));
  try {
    const archives = await buildImages({ ...images, base: 'debian', save: folder });
    const kubemark = await buildKubemark({ ...images, binaries, save: folder });
    if (kubemark !== undefined) archives.push(kubemark.archive);
    say('Starting the control plane and the node');
    const options = { binaries, parent, isFull: true, port: 0, clock: realClock, signal };
    const state = await startControlPlane({ ...options, node: { cache } });
    const close = (): Promise<void> => stopControlPlane(state, realClock);
    try {
      for (const archive of archives) await importImage(state, archive, signal);
    } catch (error) {
      await close();
      throw error;
    }
    return {
      kubeconfig: state.kubeconfig,
      kustomization: 'kustomize/default',
      ...(kubemark !== undefined && { kubemark: kubemark.image }),
      close,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Returns the exit code of the tests, whose TAP goes where ours goes. */
async function goThere({ kubeconfig, kustomization, kubemark }: Cluster): Promise<number> {
  const image = kubemark ?? process.env['E2E_KUBEMARK_IMAGE'] ?? '';
  if (image === '') {
    say('\n!!! No Machine runs an unmodified kubemark: E2E_KUBEMARK_IMAGE names no image of it.\n');
  }
  const env = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    E2E_KUSTOMIZATION: kustomization,
    E2E_KUBEMARK_IMAGE: image,
  };
  const args = ['--config', 'ava.e2e.config.js', '--tap'];
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const child = spawn('ava', args, { stdio: ['ignore', 'inherit', 'inherit'], env, signal });
  child.once('error', reject);
  child.once('close', (code) => resolve(code ?? 1));
  return promise;
}

function works(program: string, ...args: string[]): Promise<boolean> {
  return run(program, args, {
    signal: AbortSignal.any([signal, AbortSignal.timeout(10_000)]),
  }).then(
    () => true,
    () => false,
  );
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

const choice = await choose();
if (choice === undefined) {
  const reason = 'needs docker and kind, or root on Debian, or E2E_USE_CURRENT=1 with a KUBECONFIG';
  say(`\n!!! The end-to-end test did NOT run: it ${reason}.\n`);
  process.stdout.write(`ok 1 - the journey # SKIP ${reason}\n`);
} else {
  say(`The journey goes through ${choice.what}`);
  try {
    const cluster = await choice.open();
    try {
      process.exitCode = await goThere(cluster);
    } finally {
      say('Cleaning up');
      await cluster.close();
    }
  } catch (error) {
    say(`e2e: ${describeError(error)}`);
    process.exitCode = 1;
  }
}
