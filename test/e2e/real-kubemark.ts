/** A machine of machine.openshift.io with an unmodified kubemark. */
import { realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ExecutionContext } from 'ava';
import { namespaces } from '#api/core.ts';
import type { InjectedFault } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import { comesTrue } from './comes-true.ts';
import { assertProxied, declaredFault, type FaultyMachine } from './faulty-machine.ts';
import type { Cluster } from './story.ts';

/** The Machine's name. */
export const kubemarkMachine = 'real-kubemark';

/** In full: Cluster API, which may be there too, has Machines of its own. */
export const machineResource = 'machines.machine.openshift.io';

const key = { namespace: 'default', name: kubemarkMachine };

export function kubemarkMachineIn(cluster: Cluster, podNamespace: string): FaultyMachine {
  return {
    ...cluster,
    podNamespace,
    resource: machineResource,
    name: kubemarkMachine,
    kubelet: 'hollow-kubelet',
    look: async () => {
      const { metadata, status } = await cluster.client.get(machines, key);
      const { fault }: { fault?: InjectedFault } = status?.providerStatus ?? {};
      return { annotations: metadata.annotations, fault, node: status?.nodeRef?.name ?? '' };
    },
  };
}

/** Writes, into `folder`, `kustomization` with the component that real kubemarks need; returns where. */
export async function withComponent(folder: string, kustomization: string): Promise<string> {
  const from = await realpath(folder);
  const text = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [relative(from, await realpath(kustomization))],
    components: [relative(from, await realpath('kustomize/components/kubemark'))],
  };
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(text));
  return folder;
}

/** Declares the machine, and waits for its Node. */
export async function runKubemark(
  t: ExecutionContext,
  machine: FaultyMachine,
  image: string,
): Promise<void> {
  const { client, podNamespace } = machine;
  await client.create(machines, {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { ...key, labels: { 'machine.openshift.io/cluster-api-cluster': 'kubemark' } },
    spec: {
      providerSpec: {
        value: {
          apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1',
          kind: 'KubemarkMachineProviderConfig',
          image,
          runtime: 'Kubemark',
          faultInjector: 'Proxy',
          faults: [declaredFault],
        },
      },
    },
  });
  await comesTrue(`${kubemarkMachine} runs`, async () => {
    const { status } = await client.get(machines, key);
    return status?.phase === 'Running' && status.nodeRef?.name;
  });
  const { metadata } = await client.get(namespaces, { namespace: '', name: podNamespace });
  t.is(metadata.labels?.['pod-security.kubernetes.io/enforce'], 'privileged');
  await assertProxied(t, machine, image);
}
