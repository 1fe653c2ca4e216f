/** The contracts of Cluster API: what core, its autoscaler and clusterctl see of the kinds beside machines. */
import test from 'ava';
import { clusterNameLabel } from '#api/cluster-api/core.ts';
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
  startCore,
  startProvider,
  type ClusterAPIStory,
} from '#test/helpers/cluster-api.ts';
import { contracts, readInfrastructure } from '#test/helpers/contract.ts';

const apiVersion = 'infrastructure.cluster.x-k8s.io/v1alpha4';

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
