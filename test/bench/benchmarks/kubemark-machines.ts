import { readFile } from 'node:fs/promises';
import { nodes } from '#api/core.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { clusterAPIControllerNames } from '#controller/cmd/controller-names.ts';
import { applyObjects } from '#local/apply.ts';
import { kubeconfigFor } from '#local/apiserver/kubeconfig.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import {
  Core,
  coreClusters,
  coreDefinitions,
  coreMachines,
} from '#test/helpers/cluster-api-core.ts';
import { listenSilently } from '#test/helpers/silent-server.ts';
import { atMost, figure, type Figure, type Result } from '../figures.ts';
import { follow } from '../follow.ts';
import type { Sizes } from '../options.ts';
import { startHostNode } from '../processes/host-node.ts';
import { startManager, type ManagerProcess } from '../processes/manager.ts';
import { opened } from '../opened.ts';
import { forEachOf, until, type Run } from '../run.ts';
import { startRealServer } from '../servers/real.ts';
import { difference, totalWrites } from '../servers/request-counts.ts';
import type { Server } from '../servers/server.ts';

/** Seconds that a machine may take until its Node is Ready, where two hundred are asked for at once. */
const timeToReady = 0.15;

/**
 * Machines of a workload cluster, which is also the management cluster: alone, and beside as many of a
 * cluster whose API server takes connections and never answers.
 */
export async function measureKubemarkMachines(run: Run, { count }: Sizes): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRealServer(run, { isFull: true }));
  stack.use(await startHostNode(run, server));
  const core = await openCore(run, server);
  const silent = await listenSilently();
  stack.defer(silent.close);
  await core.createCluster('test', await readFile(server.kubeconfig, 'utf8'));
  await core.createCluster('silent', kubeconfigFor(silent.url));
  const flags = [`--controllers=${clusterAPIControllerNames.join(',')}`];
  const manager = stack.use(await startManager(run, server, flags));

  const subject = { run, server, core, manager };
  const alone = await measure(subject, count, 'alone');
  await create(subject, namesOf('silent', count), 'silent');
  const beside = await measure(subject, count, 'beside');
  const sides = [{ name: 'kube-apiserver', figures: [...alone, ...beside] }];
  return { benchmark: 'kubemarkmachines', parameters: { count }, sides };
}

async function openCore(run: Run, { client }: Server): Promise<Core> {
  await applyObjects(client, coreDefinitions());
  const isServed = async (): Promise<boolean> => {
    const lists = [coreMachines, coreClusters].map((kind) => ifFound(client.list(kind)));
    return (await Promise.all(lists)).every((list) => list !== undefined);
  };
  await until(run, "core's kinds are served", isServed);
  return new Core(client, { hasSigner: true });
}

interface Subject {
  run: Run;
  server: Server;
  core: Core;
  manager: ManagerProcess;
}

const namesOf = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

function create({ run, core }: Subject, names: string[], cluster: string): Promise<void> {
  return forEachOf(run, names, 20, (name) => core.createMachine(name, {}, { cluster }));
}

async function measure(subject: Subject, count: number, phase: string): Promise<Figure[]> {
  const { run, manager } = subject;
  const names = namesOf(phase, count);
  await using watch = await watchReady(subject);
  const cpuBefore = (await manager.process.usage()).cpuSeconds;
  const before = await manager.requestCounts();
  const startedAt = run.clock.monotonic();
  const secondsUntil = async (what: string, ready: ReadonlySet<string>): Promise<number> => {
    await until(run, `${count} ${what} are Ready`, () => names.every((name) => ready.has(name)));
    return (run.clock.monotonic() - startedAt) / 1000;
  };
  await create(subject, names, 'test');
  const seconds = await secondsUntil('machines', watch.machines);
  const nodeSeconds = await secondsUntil('Nodes', watch.nodes);
  const cpu = (await manager.process.usage()).cpuSeconds - cpuBefore;
  const writes = totalWrites(difference(await manager.requestCounts(), before));
  await remove(subject, names);
  const title = phase === 'alone' ? 'alone' : 'beside a silent cluster';
  return [
    figure(`${title}: machines Ready after`, seconds, 's'),
    figure(`${title}: Nodes Ready after`, nodeSeconds, 's', atMost(timeToReady * count)),
    figure(`${title}: writes of the manager per machine`, writes / count, ''),
    figure(`${title}: CPU of the manager per machine`, (cpu / count) * 1000, 'ms'),
  ];
}

/** Names of what is Ready at this moment. */
function watchReady({ run, server: { client } }: Subject) {
  return opened(async (stack) => {
    const machines = new Set<string>();
    const readyNodes = new Set<string>();
    stack.use(
      await follow(run, { client, kind: kubemarkMachines }, ({ object: { metadata, status } }) => {
        note(machines, metadata.name, readyOf(status?.conditions));
      }),
    );
    stack.use(
      await follow(run, { client, kind: nodes }, ({ object: { metadata, status } }) => {
        note(readyNodes, metadata.name, readyOf(status?.conditions));
      }),
    );
    return { machines, nodes: readyNodes };
  });
}

function note(names: Set<string>, name = '', status: string | undefined): void {
  if (status === 'True') names.add(name);
  else names.delete(name);
}

function readyOf(conditions: readonly { type: string; status: string }[] = []): string | undefined {
  return conditions.find(({ type }) => type === 'Ready')?.status;
}

async function remove({ run, server, core }: Subject, names: string[]): Promise<void> {
  const { client } = server;
  await forEachOf(run, names, 20, async (name) => {
    await core.deleteInfrastructure(name);
    await client.delete(coreMachines, { namespace: 'default', name });
  });
  const isGone = async (): Promise<boolean> => {
    const { items } = await client.list(kubemarkMachines);
    const left = new Set(items.map(({ metadata }) => metadata.name));
    return names.every((name) => !left.has(name));
  };
  await until(run, 'the machines are gone', isGone, { pause: 250 });
  const { items } = await client.list(nodes);
  const ours = items.filter(({ metadata }) => names.includes(metadata.name ?? ''));
  await forEachOf(run, ours, 20, (node) => ifFound(client.delete(nodes, keyOf(node))));
}
