/** The real controller manager and scheduler, before a real API server or the embedded one. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateBinaries } from '#kubernetes/binaries/locate.ts';
import { missingPrograms } from '#kubernetes/binaries/programs.ts';
import { startControlPlane, stopControlPlane } from '#kubernetes/control-plane.ts';
import { freePort } from '#kubernetes/ports.ts';
import { stateFolder } from '#kubernetes/state.ts';
import { ApiServer } from '#local/apiserver/server.ts';
import { controllers, type ControllerName } from '#local/controllers/index.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { realClock } from '#runtime/clock.ts';
import { silentLogger } from '#runtime/log.ts';
import { Program } from './program.ts';

export interface ControlPlane {
  /** Of the API server. */
  url: string;
  /** The path of an administrator's kubeconfig. */
  kubeconfig: string;
  /** Where the programs are, kubemark among them. */
  binaries: string;
  close(): Promise<void>;
}

/**
 * The node lifecycle controller as it is, only sooner. The grace period is twice the time
 * between the renewals of a lease. Evictions are not rationed: 1.20 counts nodes that are gone.
 */
const impatience = [
  '--node-monitor-period=1s',
  '--node-monitor-grace-period=20s',
  '--node-eviction-rate=10',
  '--unhealthy-zone-threshold=1',
];

export async function openRealControlPlane(): Promise<ControlPlane> {
  const binaries = await programs();
  const state = await startControlPlane({
    binaries,
    parent: stateFolder(process.env),
    isFull: true,
    port: 0,
    more: { 'kube-controller-manager': impatience },
    clock: realClock,
    signal: new AbortController().signal,
  });
  const { url, kubeconfig } = state;
  return { url, kubeconfig, binaries, close: () => stopControlPlane(state, realClock) };
}

/** The real controllers, and the embedded ones whose place they take, the scheduler's too. */
const realControllers = ['nodelifecycle', 'garbagecollector', 'replicaset', 'podgc'];
const replaced: ControllerName[] = [
  'nodeLifecycle',
  'taintEviction',
  'garbageCollector',
  'replicaSet',
  'podGarbageCollector',
  'scheduler',
];

/** The embedded API server in this process. Its clients speak JSON, because it does. */
export async function openEmbeddedControlPlane(): Promise<ControlPlane> {
  const binaries = await programs();
  const folder = await mkdtemp(join(tmpdir(), 'embedded-control-plane-'));
  const server = new ApiServer({ clock: realClock, log: silentLogger });
  const url = await server.listen();
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfig());
  const schedulerConfig = join(folder, 'scheduler.json');
  await writeFile(schedulerConfig, JSON.stringify(await schedulerConfiguration(kubeconfig)));
  const start = (name: string, ...args: string[]): Program =>
    new Program(name, [join(binaries, name), '--secure-port=0', ...args], folder);
  const running = [
    start(
      'kube-controller-manager',
      `--kubeconfig=${kubeconfig}`,
      `--controllers=${realControllers.join(',')}`,
      '--kube-api-content-type=application/json',
      '--leader-elect=false',
      '--port=0',
      ...impatience,
    ),
    start('kube-scheduler', `--config=${schedulerConfig}`),
  ];
  const client = new KubeClient({ server: url, clock: realClock, userAgent: 'control-plane' });
  const base = { client, clock: realClock, log: silentLogger };
  const embedded = controllers({ ...base, options: { disabled: replaced } });
  const stop = new AbortController();
  const stopped = embedded.run(stop.signal);
  return {
    url,
    kubeconfig,
    binaries,
    close: async () => {
      stop.abort();
      await stopped;
      await Promise.all(running.map((program) => program.stop()));
      await server.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** Without preemption: for that 1.20 wants `policy/v1beta1`, which is gone since 1.25. */
async function schedulerConfiguration(kubeconfig: string): Promise<object> {
  const address = `127.0.0.1:${await freePort()}`; // there is no way not to listen
  return {
    apiVersion: 'kubescheduler.config.k8s.io/v1beta1',
    kind: 'KubeSchedulerConfiguration',
    clientConnection: { kubeconfig, contentType: 'application/json' },
    leaderElection: { leaderElect: false },
    healthzBindAddress: address,
    metricsBindAddress: address,
    profiles: [
      {
        schedulerName: 'default-scheduler',
        plugins: { postFilter: { disabled: [{ name: '*' }] } },
      },
    ],
  };
}

/** The runner has shown the progress of a build already. */
function saysNothing(): void {}

/** The folder with all programs, kubemark too. */
async function programs(): Promise<string> {
  const { signal } = new AbortController();
  const environment = process.env;
  const binaries = await locateBinaries({ isFull: true, environment, say: saysNothing, signal });
  const missing = await missingPrograms(binaries, ['kubemark']);
  if (missing.length === 0) return binaries;
  throw new Error(
    `${binaries} has no kubemark. Unset KUBEBUILDER_ASSETS to have it built, ` +
      'or see hack/kubernetes/README.md, "Where the programs come from"',
  );
}

/** A kubeconfig that says the API server is at another place. */
export async function kubeconfigVia(
  url: string,
  { url: from, kubeconfig }: ControlPlane,
): Promise<string> {
  return (await readFile(kubeconfig, 'utf8')).replaceAll(from, url);
}
