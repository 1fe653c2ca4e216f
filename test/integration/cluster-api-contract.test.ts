/** The contracts of Cluster API, rule by rule, of v1beta1 and of v1beta2. */
import test, { type ExecutionContext } from 'ava';
import type { ClusterAPIVersion } from '#api/cluster-api/core.ts';
import { clusterNameLabel, pausedAnnotation } from '#api/cluster-api/core.ts';
import { pods } from '#api/core.ts';
import type { CustomKind } from '#api/custom-kind.ts';
import {
  kubemarkClusters,
  type KubemarkCluster,
} from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import {
  kubemarkMachineTemplates,
  type KubemarkMachineTemplate,
} from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { infrastructureKinds } from '#api/kinds.ts';
import { customResourceDefinitions } from '#local/controllers/objects/kinds.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { namespace } from '#test/helpers/cluster-api-core.ts';
import {
  machineWithReason,
  startClusterAPI,
  startProvider,
  type ClusterAPIStory,
} from '#test/helpers/cluster-api.ts';
import { contracts, readInfrastructure, type Reading } from '#test/helpers/contract.ts';

const apiVersion = 'infrastructure.cluster.x-k8s.io/v1alpha4';

/** A management cluster of a core that speaks this contract. */
async function startCore(t: ExecutionContext, contract: ClusterAPIVersion) {
  const all = await startClusterAPI(t, { manager: false });
  const infrastructureReady = { initialization: null, infrastructureReady: true };
  if (contract === 'v1beta1') {
    await all.core.patchCluster('test', { status: infrastructureReady }, 'status');
  }
  startProvider(all.story.cluster, { flags: { 'cluster-api-version': contract } });
  return all;
}

/** As the contract's core refers to infrastructure. */
function reference(contract: ClusterAPIVersion, name: string): { infrastructureRef: object } {
  const form =
    contract === 'v1beta1'
      ? { apiVersion, namespace }
      : { apiGroup: 'infrastructure.cluster.x-k8s.io' };
  return { infrastructureRef: { ...form, kind: 'KubemarkMachine', name } };
}

/** What core reads of a machine, at each of its versions from now on. */
async function readings(
  t: ExecutionContext,
  { story }: ClusterAPIStory,
  contract: ClusterAPIVersion,
): Promise<Reading[]> {
  const seen: Reading[] = [];
  const { resourceVersion } = await story.client.list(kubemarkMachines);
  const stop = new AbortController();
  const options = { resourceVersion, signal: stop.signal };
  const watch = async (): Promise<void> => {
    try {
      for await (const { type, object } of story.client.watch(kubemarkMachines, options)) {
        if (type !== 'BOOKMARK') seen.push(readInfrastructure(contract, object));
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
  };
  const watching = watch();
  t.teardown(async () => {
    stop.abort();
    await watching;
  });
  return seen;
}

async function definitionOf({ story }: ClusterAPIStory, { plural, group }: CustomKind) {
  const key = { namespace: '', name: `${plural}.${group}` };
  return story.client.get(customResourceDefinitions, key);
}

for (const contract of contracts) {
  test(`${contract}, rules 1 to 6: core finds each kind by its definition`, async (t) => {
    const all = await startClusterAPI(t, { manager: false });
    for (const kind of infrastructureKinds) {
      const { metadata, spec } = await definitionOf(all, kind);
      t.like(spec, {
        scope: 'Namespaced',
        group: 'infrastructure.cluster.x-k8s.io',
        names: {
          kind: kind.kind,
          listKind: `${kind.kind}List`,
          plural: `${kind.kind.toLowerCase()}s`,
        },
      });
      t.true(spec.names.categories?.includes('cluster-api'));
      t.truthy(spec.names.shortNames?.[0]);
      const versions = metadata.labels?.[`cluster.x-k8s.io/${contract}`]?.split('_') ?? [];
      t.deepEqual(versions, ['v1alpha4']);
      for (const { name, served, subresources } of spec.versions) {
        t.true(versions.includes(name) && served && subresources?.status !== undefined);
      }
    }
  });

  test(`${contract}, rules 7 to 13: core reads provider ID, addresses, zone and conditions all life long`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    const seen = await readings(t, all, contract);
    await core.createMachine(
      'worker',
      { failureDomain: 'zone-b' },
      { machine: reference(contract, 'worker') },
    );
    const machine = await machineWithReason(all, 'worker', 'Provisioned');
    t.like(readInfrastructure(contract, machine), {
      provisioned: true,
      providerID: 'kubemark://worker',
      failureDomain: 'zone-b',
      terminalFailure: undefined,
    });
    await story.client.delete(pods, { namespace, name: 'worker' }, { gracePeriodSeconds: 0 });
    await story.eventually('Ready has been False again', async () => {
      await story.clock.advance(400);
      const provisioned = seen.findIndex((reading) => reading.provisioned);
      return seen
        .slice(provisioned)
        .some(({ conditions }) => conditions.get('Ready')?.status === 'False');
    });
    await machineWithReason(all, 'worker', 'Provisioned');
    await core.deleteInfrastructure('worker');
    await story.eventually('the machine is gone', async () => {
      await story.clock.advance(400);
      return (await core.infrastructure('worker')) === undefined;
    });
    await story.eventually('the watch has told of its end', () => {
      return Promise.resolve(seen.at(-1)?.conditions.get('Ready')?.reason === 'Deleting');
    });
    const provisioned = seen.findIndex((reading) => reading.provisioned);
    t.true(seen.slice(provisioned).every((reading) => reading.provisioned));
    const ids = new Set(seen.map(({ providerID }) => providerID).filter(Boolean));
    t.deepEqual([...ids], ['kubemark://worker']);
    const { addresses } = readInfrastructure(contract, machine);
    t.deepEqual(
      addresses.map(({ type }) => type),
      ['Hostname', 'InternalIP'],
    );
  });

  test(`${contract}, rule 10: the failure domain of the Machine goes first`, async (t) => {
    const all = await startCore(t, contract);
    const machine = { ...reference(contract, 'worker'), failureDomain: 'zone-a' };
    await all.core.createMachine('worker', { failureDomain: 'zone-b' }, { machine });
    const { status } = await machineWithReason(all, 'worker', 'Provisioned');
    t.is(status?.failureDomain, 'zone-a');
    const node = await all.story.eventually('there is a Node', () => all.story.node('worker'));
    t.is(node.metadata.labels?.['topology.kubernetes.io/zone'], 'zone-a');
  });

  test(`${contract}, rule 14: a machine beyond repair says so as its core reads it`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    await core.createMachine(
      'worker',
      { instanceLossPolicy: 'Fail' },
      { machine: reference(contract, 'worker') },
    );
    await machineWithReason(all, 'worker', 'Provisioned');
    await story.client.delete(pods, { namespace, name: 'worker' }, { gracePeriodSeconds: 0 });
    const lost = await machineWithReason(all, 'worker', 'InstanceLost');
    const { terminalFailure, conditions } = readInfrastructure(contract, lost);
    t.is(terminalFailure?.reason, contract === 'v1beta1' ? 'InstanceLost' : undefined);
    t.is(conditions.get('Ready')?.reason, 'InstanceLost');
  });

  test(`${contract}, rule 15: a spec that changes in place leaves the Pod alone`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    await core.createMachine('worker', {}, { machine: reference(contract, 'worker') });
    const { metadata } = await machineWithReason(all, 'worker', 'Provisioned');
    const [before] = await core.pods();
    const spec = { kubemarkOptions: { nodeLabels: { changed: 'true' } } };
    await story.client.patch(kubemarkMachines, { namespace, name: 'worker' }, { spec });
    await story.eventually('the change was seen', async () => {
      const { conditions = [] } = (await core.infrastructure('worker'))?.status ?? {};
      const seen = conditions.find(({ type }) => type === 'Ready')?.observedGeneration ?? 0;
      return seen > (metadata.generation ?? 0);
    });
    t.deepEqual(
      (await core.pods()).map((pod) => pod.metadata.uid),
      [before?.metadata.uid],
    );
  });

  test(`${contract}, rule 17: a pause of the Cluster, or of the object, is told`, async (t) => {
    const all = await startCore(t, contract);
    const { story, core } = all;
    await core.createMachine('worker', {}, { machine: reference(contract, 'worker') });
    await machineWithReason(all, 'worker', 'Provisioned');
    const isTold = (message: string): Promise<unknown> =>
      story.eventually(`it is told: ${message}`, async () => {
        const machine = await core.infrastructure('worker');
        const paused = machine && readInfrastructure(contract, machine).conditions.get('Paused');
        return paused?.message.startsWith(message);
      });
    await core.patchCluster('test', { spec: { paused: true } });
    await isTold('Cluster spec.paused is set to true');
    await core.patchCluster('test', { spec: { paused: null } });
    await isTold('Nobody');
    const paused = { metadata: { annotations: { [pausedAnnotation]: 'true' } } };
    await story.client.patch(kubemarkMachines, { namespace, name: 'worker' }, paused);
    await isTold(`KubemarkMachine has the ${pausedAnnotation} annotation`);
  });

  test(`${contract}: a KubemarkCluster is provisioned when its Cluster names an API server`, async (t) => {
    const { story, core } = await startCore(t, contract);
    const key = { namespace, name: 'test' };
    await story.client.create(kubemarkClusters, {
      apiVersion,
      kind: 'KubemarkCluster',
      metadata: { ...key, labels: { [clusterNameLabel]: 'test' } },
    });
    const isRead = (status: string): Promise<KubemarkCluster> =>
      story.eventually(`Ready is ${status}`, async () => {
        const found = await story.client.get(kubemarkClusters, key);
        const { conditions } = readInfrastructure(contract, found);
        return conditions.get('Ready')?.status === status && found;
      });
    t.false(readInfrastructure(contract, await isRead('False')).provisioned);
    const form =
      contract === 'v1beta1' ? { apiVersion } : { apiGroup: 'infrastructure.cluster.x-k8s.io' };
    await core.patchCluster('test', {
      spec: {
        infrastructureRef: { ...form, kind: 'KubemarkCluster', name: 'test' },
        controlPlaneEndpoint: { host: '192.0.2.1', port: 6443 },
      },
    });
    t.true(readInfrastructure(contract, await isRead('True')).provisioned);
  });
}

test('rule 18: a template says what its nodes would be, in strings, and keeps its metadata', async (t) => {
  const { story } = await startClusterAPI(t);
  const key = { namespace, name: 'workers' };
  const spec: KubemarkMachineTemplate['spec'] = {
    template: {
      metadata: { labels: { of: 'template' }, annotations: { by: 'patch' } },
      spec: { kubemarkOptions: { extendedResources: { cpu: 8, 'example.com/gpu': 2 } } },
    },
  };
  await story.client.create(kubemarkMachineTemplates, {
    apiVersion,
    kind: 'KubemarkMachineTemplate',
    metadata: key,
    spec,
  });
  const template = await story.eventually('it has a status', async () => {
    const found = await story.client.get(kubemarkMachineTemplates, key);
    return found.status?.capacity !== undefined && found;
  });
  t.deepEqual(template.spec, spec);
  t.deepEqual(template.status, {
    capacity: { cpu: '8', memory: '4G', pods: '110', 'example.com/gpu': '2' },
    nodeInfo: { architecture: 'amd64', operatingSystem: 'linux' },
  });
});

test('rule 19: a provider only touches its namespace, and what carries its filter', async (t) => {
  const all = await startClusterAPI(t, { manager: false });
  const { story, core } = all;
  const flags = { namespace, 'watch-filter': 'mine' };
  for (const name of ['mine', 'other', 'unlabelled']) {
    await core.createMachine(name);
    const filter = name === 'unlabelled' ? null : name;
    const metadata = { labels: { 'cluster.x-k8s.io/watch-filter': filter } };
    await story.client.patch(kubemarkMachines, { namespace, name }, { metadata });
  }
  startProvider(story.cluster, { flags });
  await machineWithReason(all, 'mine', 'Provisioned');
  for (const name of ['other', 'unlabelled']) {
    const found = await ifFound(story.client.get(kubemarkMachines, { namespace, name }));
    t.is(found?.status, undefined);
    t.is(found?.metadata.finalizers, undefined);
  }
});
