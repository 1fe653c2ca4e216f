/** Wrong input is refused, or told by a condition that names the field. Nothing crashes unseen. */
import test from 'ava';
import { secrets } from '#api/core.ts';
import type { KubemarkMachineSpec } from '#api/infrastructure/v1alpha4/machine-spec.ts';
import { newPrivateKey } from '#runtime/pki/client-certificate.ts';
import { authorityData } from '#test/helpers/certificates.ts';
import { namespace } from '#test/helpers/cluster-api-core.ts';
import { machineWithReason, readyOf, startClusterAPI } from '#test/helpers/cluster-api.ts';

const options = (kubemarkOptions: object): object => ({ kubemarkOptions });

const refused: object[] = [
  options({ extendedResources: { cpu: 'many' } }),
  options({ extendedResources: { cpu: -1 } }),
  options({ extendedResources: { memory: '-1Gi' } }),
  options({ extendedResources: { cpu: true } }),
  options({ nodeLabels: { a: 'no value' } }),
  options({ nodeLabels: { a: 1 } }),
  options({ registerWithTaints: [{ key: 'a', effect: 'Sometimes' }] }),
  options({ registerWithTaints: [{ key: 'a b', effect: 'NoSchedule' }] }),
  options({ registerWithTaints: [{ key: 'a' }] }),
  { deletionTimeout: '-5s' },
  { deletionTimeout: 'soon' },
  { startupDelay: { duration: '-1s' } },
  { startupDelay: { duration: '1s', jitterPercent: -1 } },
  { startupDelay: { duration: '1s', jitterPercent: 1001 } },
  { runtime: 'Magic' },
  { faultInjector: 'Gremlin' },
  { instanceLossPolicy: 'Maybe' },
  { credentials: 'Password' },
  { apiServer: 'nowhere' },
  { image: 'an image' },
  { failureDomain: '' },
  { failureDomain: 'a zone' },
  { failureDomain: 'z'.repeat(64) },
  { extraMounts: [{ name: 'a', containerPath: '/a' }] },
  { extraMounts: [{ name: 'A_', containerPath: '/a', hostPath: '/a' }] },
  { extraMounts: [{ name: 'a', containerPath: '/a', hostPath: '/a', type: 'Pipe' }] },
];

test('what the schema can tell to be wrong is refused', async (t) => {
  const { core } = await startClusterAPI(t, { manager: false });
  for (const spec of refused) {
    const create = core.createOrphan('worker', Object.assign({}, spec));
    await t.throwsAsync(create, { name: 'ApiError', message: /is invalid/ }, JSON.stringify(spec));
  }
});

const taint = { key: 'a', effect: 'NoSchedule' } as const;

/** What is wrong, and how the condition begins. */
const told: [spec: KubemarkMachineSpec, reason: string, message: string][] = [
  [
    { kubemarkOptions: { nodeLabels: { 'no label': 'a' } } },
    'InvalidConfiguration',
    'spec.kubemarkOptions.nodeLabels: "no label" is not a label key',
  ],
  [
    { kubemarkOptions: { extendedResources: { 'a b': 1 } } },
    'InvalidConfiguration',
    'spec.kubemarkOptions.extendedResources: "a b" is not the name of a resource',
  ],
  [
    { kubemarkOptions: { extendedResources: { 'example.com/gpu': '500m' } } },
    'InvalidConfiguration',
    'spec.kubemarkOptions.extendedResources: "500m" of "example.com/gpu"',
  ],
  [
    { kubemarkOptions: { registerWithTaints: [taint, taint] } },
    'InvalidConfiguration',
    'spec.kubemarkOptions.registerWithTaints[1]: "a:NoSchedule" is there already',
  ],
  [{ runtime: 'Kubemark' }, 'InvalidConfiguration', 'spec.image: nothing found'],
  [
    { kubemarkHollowPodClusterSecretRef: { name: 'a', namespace: 'kube-system' } },
    'ForeignSecret',
    'spec.kubemarkHollowPodClusterSecretRef.namespace: kube-system',
  ],
  [
    { kubemarkHollowPodClusterSecretRef: { name: 'none' } },
    'WaitingForHollowPodCluster',
    'there is no Secret none (spec.kubemarkHollowPodClusterSecretRef)',
  ],
];

test('what only the provider can tell to be wrong is a condition that names the field, and can be deleted', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  const names = told.map((_, index) => `worker-${index}`);
  for (const [index, [spec]] of told.entries()) await core.createMachine(`worker-${index}`, spec);
  for (const [index, [, reason, message]] of told.entries()) {
    const machine = await machineWithReason(all, `worker-${index}`, reason);
    t.is(readyOf(machine)?.status, 'False');
    t.true(readyOf(machine)?.message.startsWith(message), readyOf(machine)?.message);
  }
  t.deepEqual(await core.pods(), []);
  for (const name of names) await core.deleteInfrastructure(name);
  await story.eventually('the machines are gone', async () => {
    await story.clock.advance(400);
    const rest = await Promise.all(names.map((name) => core.infrastructure(name)));
    return rest.every((machine) => machine === undefined);
  });
});

const elsewhere = (user: object): string =>
  JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
    users: [{ name: 'a', user }],
  });

const kubeconfigs: [name: string, text: string, message: string][] = [
  ['words', 'just words', 'this is not a kubeconfig'],
  ['empty', '', 'this is not a kubeconfig'],
  ['contextless', '{}', 'there is no context'],
  ['program', elsewhere({ exec: { command: 'sh' } }), '"exec" is not allowed'],
  ['file', elsewhere({ tokenFile: '/etc/passwd' }), '"tokenFile" is not allowed'],
];

test('a kubeconfig that is none, or reaches for files and programs, is told by its Secret', async (t) => {
  const all = await startClusterAPI(t);
  const { core } = all;
  for (const [name, text] of kubeconfigs) {
    await core.createCluster(name, text);
    await core.createMachine(`of-${name}`, {}, { cluster: name });
  }
  for (const [name, , message] of kubeconfigs) {
    const machine = await machineWithReason(all, `of-${name}`, 'InvalidKubeconfig');
    const where = `Secret ${namespace}/${name}-kubeconfig, entry value: ${message}`;
    t.true(readyOf(machine)?.message.startsWith(where), readyOf(machine)?.message);
  }
  t.deepEqual(await core.nodeSecrets(), []);
});

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('a CA whose key is of another, or that is none, is told by its Secret', async (t) => {
  const all = await startClusterAPI(t);
  const { story, core } = all;
  const good = await authorityData();
  const authorities = {
    strange: { ...good, 'tls.key': base64(newPrivateKey()) },
    words: { 'tls.crt': base64('just words'), 'tls.key': base64('just words') },
  };
  for (const [name, data] of Object.entries(authorities)) {
    await core.createCluster(name, story.cluster.server.kubeconfig());
    const metadata = { namespace, name: `${name}-ca` };
    await story.client.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata, data });
    await core.createMachine(`of-${name}`, { credentials: 'ClusterCA' }, { cluster: name });
  }
  for (const name of Object.keys(authorities)) {
    const machine = await machineWithReason(all, `of-${name}`, 'InvalidClusterCA');
    const where = `Secret ${namespace}/${name}-ca: `;
    t.true(readyOf(machine)?.message.startsWith(where), readyOf(machine)?.message);
  }
  t.deepEqual(await core.pods(), []);
});
