/**
 * What a KubemarkMachine gives its node is enough to join, and for nothing else: certificates that a real
 * controller manager has signed, before a real API server that holds nodes to what is theirs.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { nodes, secrets, type Node } from '#api/core.ts';
import { customResourceDefinition } from '#api/custom-kind.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { infrastructureKinds } from '#api/kinds.ts';
import { createManager } from '#controller/cmd/manager.ts';
import { program } from '#controller/cmd/options.ts';
import { locateBinaries } from '#kubernetes/binaries/locate.ts';
import { kubeconfig } from '#kubernetes/credentials.ts';
import { freePort } from '#kubernetes/ports.ts';
import { applyObjects } from '#local/apply.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { KubeClient } from '#runtime/client/kube-client.ts';
import { loadKubeConfig } from '#runtime/client/kube-config.ts';
import { realClock } from '#runtime/clock.ts';
import { defaultValues } from '#runtime/flags.ts';
import { silentLogger } from '#runtime/log.ts';
import { Metrics } from '#runtime/metrics.ts';
import {
  Core,
  coreClusters,
  coreDefinitions,
  coreMachines,
  namespace,
} from '#test/helpers/cluster-api-core.ts';
import { administrator, takeControlPlane, wipe } from '#test/helpers/real/control-plane.ts';
import { pause } from './harness/eventually.ts';
import { Program } from './harness/program.ts';
import { hollowNode, kubemark, type Subject } from './subjects.ts';

/** As the Pod's command line has them. What Nodes may say of themselves is limited, too. */
const registration = [
  '--node-labels=pool=hollow,topology.kubernetes.io/zone=zone-a',
  '--register-with-taints=kubemark=true:NoSchedule',
];

for (const subject of [hollowNode, kubemark]) {
  test(`${subject.name} joins with the certificate of its machine, and reads no Secrets with it`, async (t) => {
    const client = await startProvider(t);
    const name = `${subject.name}-1`;
    const core = new Core(client, { hasSigner: true });
    await core.createMachine(name);
    const path = await credentialsOf(t, client, name);
    await startNode(t, subject, [`--name=${name}`, `--kubeconfig=${path}`]);
    const node = await until('the Node is Ready', async () => {
      const found = await ifFound(client.get(nodes, { namespace: '', name }));
      return isReady(found) ? found : undefined;
    });
    t.is(node.spec?.providerID, `kubemark://${name}`);
    t.is(node.metadata.labels?.['topology.kubernetes.io/zone'], 'zone-a');

    const asNode = new KubeClient({
      config: await loadKubeConfig({ path }),
      clock: realClock,
      userAgent: 'node',
    });
    t.teardown(() => asNode.close());
    t.is((await asNode.get(nodes, { namespace: '', name })).metadata.name, name);
    for (const request of [
      asNode.list(secrets, { namespace }),
      asNode.get(secrets, { namespace, name: 'test-kubeconfig' }),
      asNode.delete(nodes, { namespace: '', name: 'other' }),
    ]) {
      t.like(await t.throwsAsync(request), { status: { code: 403 } });
    }
  });
}

/** A provider for a management cluster that is its own workload cluster; nobody runs its Pods. */
async function startProvider(t: ExecutionContext): Promise<KubeClient> {
  const turn = await takeControlPlane();
  const client = administrator(turn.access);
  const definitions = infrastructureKinds.map((kind) => ({
    object: customResourceDefinition(kind),
    source: kind.kind,
  }));
  await applyObjects(client, [...definitions, ...coreDefinitions()]);
  await until('machines are served', () => ifFound(client.list(kubemarkMachines)));
  await until('Clusters are served', () => ifFound(client.list(coreClusters)));
  await until('Machines are served', () => ifFound(client.list(coreMachines)));
  await new Core(client, { hasSigner: true }).createCluster('test', kubeconfig(turn.access));
  const stop = new AbortController();
  const options = {
    ...defaultValues(program),
    controllers: ['kubemarkmachine'],
    'hollow-node-image': 'example.com/hollow-node',
    'health-addr': '0',
    'metrics-addr': '0',
  };
  const stopped = createManager(options, {
    client,
    leaseClient: client,
    clock: realClock,
    log: silentLogger,
    metrics: new Metrics(),
    leaseNamespace: namespace,
  }).run(stop.signal);
  t.teardown(async () => {
    stop.abort();
    await stopped;
    await wipe(client);
    await client.close();
    turn.end();
  });
  return client;
}

/** The path of the kubeconfig, as the Pod would have it mounted. */
async function credentialsOf(
  t: ExecutionContext,
  client: KubeClient,
  name: string,
): Promise<string> {
  const key = { namespace, name: `${name}-kubemark-config` };
  const data = await until('the Secret has a certificate', async () => {
    const secret = await ifFound(client.get(secrets, key));
    return secret?.data?.['cert.pem'] === undefined ? undefined : secret.data;
  });
  const folder = await mkdtemp(join(tmpdir(), 'joining-test-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'kubeconfig');
  const text = (entry: string): string => Buffer.from(data[entry] ?? '', 'base64').toString();
  await writeFile(join(folder, 'cert.pem'), text('cert.pem'));
  await writeFile(path, text('kubeconfig').replaceAll('/kubeconfig/', `${folder}/`));
  return path;
}

async function startNode(
  t: ExecutionContext,
  { name, command }: Subject,
  args: readonly string[],
): Promise<void> {
  const { signal } = new AbortController();
  const environment = process.env;
  const binaries = await locateBinaries({ isFull: true, environment, say: () => {}, signal });
  const folder = await mkdtemp(join(tmpdir(), 'joining-node-'));
  const line = [
    ...command(binaries),
    '--morph=kubelet',
    ...args,
    `--kubelet-port=${await freePort()}`,
    `--kubelet-read-only-port=${await freePort()}`,
    ...registration,
  ];
  const node = new Program(name, line, folder);
  t.teardown(async () => {
    await node.stop();
    await rm(folder, { recursive: true });
  });
}

/** Asks until there is an answer; the test's own patience ends it. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = performance.now() + 120_000; // machines of CI can be very busy
  while (performance.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await pause(0.1);
  }
  throw new Error(`never came true: ${what}`);
}

function isReady(node: Node | undefined): boolean {
  return (
    node?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ??
    false
  );
}
