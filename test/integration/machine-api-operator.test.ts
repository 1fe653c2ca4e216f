/** The image's programs as the machine-api-operator starts them: four processes that make one provider. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { leases } from '#api/core.ts';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { freePort } from '#kubernetes/ports.ts';
import { manager as serviceAccount } from '#manifests/grants.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { startCommand } from '#test/helpers/command.ts';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { startStory, type Story } from '#test/helpers/story.ts';

const namespace = 'openshift-machine-api';

/** What every one of them is given. */
const common = [
  '--logtostderr=true',
  '--v=3',
  '--leader-elect=true',
  '--leader-elect-lease-duration=120s',
  `--namespace=${namespace}`,
];
const gates = '--feature-gates=MachineAPIMigration=false,VSphereMixedNodeEnv=true';

const programs: [name: string, lease: string, more: string[]][] = [
  ['machine-controller-manager', 'kubemark', [gates]],
  ['machineset-controller', 'machineset', [gates, '--tls-min-version=VersionTLS12']],
  ['nodelink-controller', 'nodelink', []],
  ['machine-healthcheck', 'healthcheck', []],
];

/** By the path that the image has for it. Resolves to where its probes are. */
async function startProgram(
  t: ExecutionContext,
  story: Story,
  name: string,
  args: readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'machine-api-operator-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, story.cluster.server.kubeconfig());
  const path = join(folder, name);
  await symlink(resolve('controller/cmd/manager.ts'), path);
  const health = `127.0.0.1:${await freePort()}`;
  // In a Pod these come from the ServiceAccount; the ports of its own may be somebody else's here.
  const here = [
    `--kubeconfig=${kubeconfig}`,
    `--leader-elect-resource-namespace=${namespace}`,
    `--health-addr=${health}`,
    '--metrics-addr=0',
  ];
  startCommand(t, path, ...args, ...here);
  return `http://${health}`;
}

async function isOk(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  return response?.status === 200;
}

/** What the operator's own installation brings. */
async function installOperator(story: Story): Promise<void> {
  const apiGroup = 'rbac.authorization.k8s.io';
  const metadata = { name: 'leases', namespace };
  const objects = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'Role',
      metadata,
      rules: [{ apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['*'] }],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup, kind: 'Role', name: 'leases' },
      subjects: [{ kind: 'ServiceAccount', ...serviceAccount }],
    },
  ];
  await story.cluster.apply(objects.map((object) => ({ object, source: object.kind })));
}

test('four programs, with the flags of the machine-api-operator, keep a set and look after its machine', async (t) => {
  const story = await startStory(t, { manager: false });
  await installOperator(story);
  const probes = await Promise.all(
    programs.map(([name, , more]) => startProgram(t, story, name, [...common, ...more])),
  );

  const set = newMachineSet('workers', { namespace, replicas: 1 });
  const value = set.spec?.template.spec?.providerSpec?.value;
  Object.assign(value ?? {}, { image: 'gofed/kubemark:v1.11.3-6' }); // as the original's users write
  await story.client.create(machineSets, set);
  await story.eventually('the machine is available', async () => {
    const found = await story.client.get(machineSets, { namespace, name: 'workers' });
    return found.status?.availableReplicas === 1;
  });

  // The machine may be available before the last of the four serves its probes.
  for (const url of probes) {
    for (const path of ['/healthz', '/readyz']) {
      await story.eventually(`${url}${path} says yes`, () => isOk(`${url}${path}`));
    }
  }
  for (const [, lease] of programs) {
    const key = { namespace, name: `cluster-api-provider-${lease}-leader` };
    const found = await ifFound(story.client.get(leases, key));
    t.is(found?.spec?.leaseDurationSeconds, 120, key.name);
  }

  // Only seen, not replaced: the processes' time is not the story's.
  await story.client.create(machineHealthChecks, {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'MachineHealthCheck',
    metadata: { namespace, name: 'workers' },
    spec: {
      selector: { matchLabels: { set: 'workers' } },
      unhealthyConditions: [{ type: 'Ready', status: 'Unknown', timeout: '300s' }],
    },
  });
  const healthy = await story.eventually('the machine is found healthy', async () => {
    const found = await story.client.get(machineHealthChecks, { namespace, name: 'workers' });
    return found.status?.currentHealthy;
  });
  t.is(healthy, 1);
});
