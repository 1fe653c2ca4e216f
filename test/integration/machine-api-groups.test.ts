/** Two API groups with Machines in one cluster; what both can do is told by the other stories. */
import test, { type ExecutionContext } from 'ava';
import { nodes } from '#api/core.ts';
import { machineGroups, type MachineGroup } from '#api/machine-groups.ts';
import { apiVersionOf, type Kind } from '#api/kind.ts';
import { machineAnnotation, staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { newMachineSet } from '#test/helpers/machine-sets.ts';
import { newMachine, startStory, type Story } from '#test/helpers/story.ts';

const groups = Object.values<MachineGroup>(machineGroups);
const [openShift, cluster] = [
  machineGroups['machine.openshift.io'],
  machineGroups['cluster.k8s.io'],
];
const key = { namespace: 'default', name: 'worker' };

/** A cluster whose manager keeps both groups. */
async function startBoth(t: ExecutionContext): Promise<Story> {
  const story = await startStory(t, { manager: false });
  const flags = { 'machine-api-groups': ['machine.openshift.io', 'cluster.k8s.io'] } as const;
  story.cluster.run((signal) => story.cluster.createManager(undefined, flags).run(signal));
  return story;
}

// Not the story's client, for which there is one group only.
const clientOf = ({ cluster: { client } }: Story) => client;

function machineOf(kind: Kind<Machine>): Machine {
  return { ...newMachine('worker'), apiVersion: apiVersionOf(kind) };
}

async function nodeNameOf(story: Story, { machines: kind }: MachineGroup): Promise<string> {
  return story.eventually(`the ${kind.group} machine is Running`, async () => {
    const { status } = await clientOf(story).get(kind, key);
    return status?.phase === 'Running' && status.nodeRef?.name;
  });
}

test('a Machine of each group may have the same name: each has a Node of its own', async (t) => {
  const story = await startBoth(t);
  const client = clientOf(story);
  for (const { machines } of groups) await client.create(machines, machineOf(machines));
  const names = await Promise.all(groups.map((group) => nodeNameOf(story, group)));
  t.is(new Set(names).size, 2);
  t.is((await story.hollowPods()).length, 2);
  for (const [index, { machines }] of groups.entries()) {
    const linked = await story.eventually('the Node names its machine', async () => {
      const { metadata } = (await story.node(names[index] ?? '')) ?? {};
      return metadata?.annotations?.[machineAnnotation(machines)] && metadata.annotations;
    });
    const links = Object.keys(linked).filter((name) => name.endsWith('/machine'));
    t.deepEqual(links, [machineAnnotation(machines)]);
    const { metadata } = await client.get(machines, key);
    t.deepEqual(metadata.finalizers, [`machine.${machines.group}`]);
  }
  const { items } = await story.client.list(nodes);
  t.is(items.filter(({ spec }) => spec?.providerID?.startsWith('kubemark://')).length, 2);
});

for (const [gone, stays] of [
  [openShift, cluster],
  [cluster, openShift],
] as const) {
  test(`a Machine of ${gone.machines.group} that goes, even by force, leaves that of the other group alone`, async (t) => {
    const story = await startBoth(t);
    const client = clientOf(story);
    for (const { machines } of groups) await client.create(machines, machineOf(machines));
    const [doomed = '', safe = ''] = await Promise.all(
      [gone, stays].map((group) => nodeNameOf(story, group)),
    );
    const before = await story.node(safe);
    await client.patch(gone.machines, key, { metadata: { finalizers: null } });
    await ifFound(client.delete(gone.machines, key));
    await story.eventually('its Pod is gone', async () => !(await story.pod(doomed)));
    await story.eventually('its Node is gone', async () => {
      await story.advance(10);
      return !(await story.node(doomed));
    });
    const after = await story.node(safe);
    t.is(after?.metadata.uid, before?.metadata.uid);
    t.is((await client.get(stays.machines, key)).status?.phase, 'Running');
    t.is((await story.hollowPods()).length, 1);
  });
}

test('sets of both groups with one name and one selector keep Machines of their own group', async (t) => {
  const story = await startBoth(t);
  const client = clientOf(story);
  for (const [index, { machineSets: kind }] of groups.entries()) {
    const set = newMachineSet('workers', { replicas: index + 1 });
    await client.create(kind, { ...set, apiVersion: apiVersionOf(kind) });
  }
  for (const [index, { machines, machineSets }] of groups.entries()) {
    const replicas = index + 1;
    await story.eventually(`${replicas} of ${machines.group}`, async () => {
      const { status } = await client.get(machineSets, { namespace: 'default', name: 'workers' });
      return status?.availableReplicas === replicas;
    });
    const { items } = await client.list(machines);
    t.is(items.length, replicas);
    for (const { metadata } of items) {
      t.like(metadata.ownerReferences?.[0], { apiVersion: apiVersionOf(machineSets) });
    }
  }
});

test('a static Machine of each group for one Node: each says so there, and takes only its own back', async (t) => {
  const story = await startBoth(t);
  const client = clientOf(story);
  await story.client.create(nodes, {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'minikube' },
    spec: { providerID: 'minikube://m01' },
    status: { addresses: [{ type: 'InternalIP', address: '192.168.49.2' }] },
  });
  for (const { machines } of groups) {
    const machine = machineOf(machines);
    machine.metadata.annotations = { [staticMachineAnnotation]: 'minikube' };
    const labels = { [machines.group.replaceAll('.', '-')]: 'yes' };
    await client.create(machines, { ...machine, spec: { ...machine.spec, metadata: { labels } } });
  }
  const labelsOf = async (): Promise<string> => {
    const { metadata } = (await story.node('minikube')) ?? {};
    const ours = Object.entries(metadata?.labels ?? {}).filter(([, value]) => value === 'yes');
    return ours
      .map(([name]) => name)
      .toSorted()
      .join();
  };
  await story.eventually('both have given their labels', async () => {
    return (await labelsOf()) === 'cluster-k8s-io,machine-openshift-io';
  });
  await client.delete(cluster.machines, key);
  await story.eventually('one has taken its label back', async () => {
    return (await labelsOf()) === 'machine-openshift-io';
  });
  const { annotations = {} } = (await story.node('minikube'))?.metadata ?? {};
  t.is(annotations['machine.openshift.io/machine'], 'default/worker');
  t.is(annotations['cluster.k8s.io/machine'], undefined);
});

test('a Machine of cluster.k8s.io as of old: versions, and the configuration in either form', async (t) => {
  const story = await startBoth(t);
  const client = clientOf(story);
  for (const version of ['v1alpha1', 'v1beta1']) {
    const machine = machineOf(cluster.machines);
    await client.create(cluster.machines, {
      ...machine,
      metadata: { namespace: 'default', name: version },
      spec: {
        versions: { kubelet: '1.13.0', controlPlane: '1.13.0' },
        providerSpec: {
          value: {
            apiVersion: `kubemarkproviderconfig.k8s.io/${version}`,
            kind: 'KubemarkMachineProviderConfig',
            image: 'gofed/kubemark:v1.11.3-6',
          },
        },
      },
    });
    const running = await story.eventually(`the machine ${version} is Running`, async () => {
      const found = await client.get(cluster.machines, { namespace: 'default', name: version });
      return found.status?.phase === 'Running' && found;
    });
    t.deepEqual(running.spec?.versions, { kubelet: '1.13.0', controlPlane: '1.13.0' });
    t.deepEqual(
      (await story.events(version)).filter(({ type }) => type === 'Warning'),
      [],
    );
  }
});

test('a Machine of a class is told what is wanted instead', async (t) => {
  const story = await startBoth(t);
  const client = clientOf(story);
  const machine = machineOf(cluster.machines);
  const spec = { providerSpec: { valueFrom: { machineClass: { name: 'small' } } } };
  await client.create(cluster.machines, Object.assign(machine, { spec }));
  const { status } = await story.eventually('it is Failed', async () => {
    const found = await client.get(cluster.machines, key);
    return found.status?.phase === 'Failed' && found;
  });
  t.is(status?.errorReason, 'InvalidConfiguration');
  t.regex(
    status?.errorMessage ?? '',
    /^spec\.providerSpec\.value: nothing found \(want a Kubemark/,
  );
});

test('a manager of cluster.k8s.io alone asks for nothing of the other group', async (t) => {
  const story = await startStory(t, { manager: false });
  const asked = new Set<string>();
  story.cluster.server.onRequest(({ userAgent, group }) => {
    if (userAgent.startsWith('manager')) asked.add(group);
  });
  const flags = { 'machine-api-groups': ['cluster.k8s.io'] } as const;
  story.cluster.run((signal) => story.cluster.createManager(undefined, flags).run(signal));
  await clientOf(story).create(cluster.machines, machineOf(cluster.machines));
  await nodeNameOf(story, cluster);
  t.true(asked.has('cluster.k8s.io'));
  t.false(asked.has('machine.openshift.io'));
});
