import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { clusterLabel } from '#api/machine/v1beta1/labels.ts';

/** So many Machines that are fine as they are. */
export function newMachines(count: number): Machine[] {
  return Array.from({ length: count }, (_, index) => newMachine(`worker-${index}`));
}

function newMachine(name: string): Machine {
  return {
    apiVersion: 'machine.openshift.io/v1beta1',
    kind: 'Machine',
    metadata: { name, namespace: 'default', labels: { [clusterLabel]: 'benchmark' } },
    spec: {
      providerSpec: {
        value: {
          apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1',
          kind: 'KubemarkMachineProviderConfig',
        },
      },
    },
  };
}

/** A set of none so far. */
export function newMachineSet(): MachineSet {
  const { apiVersion, spec } = newMachine('');
  const labels = { [clusterLabel]: 'benchmark', set: 'workers' };
  return {
    apiVersion,
    kind: 'MachineSet',
    metadata: { name: 'workers', namespace: 'default' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { set: 'workers' } },
      template: { metadata: { labels }, ...(spec && { spec }) },
    },
  };
}
