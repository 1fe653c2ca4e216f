/** Objects in the form of the original repository's examples: its fields, its values. */
import type { Kind } from '#api/kind.ts';
import { machineSets } from '#api/machine/v1beta1/machine-set.ts';
import { machines } from '#api/machine/v1beta1/machine.ts';
import type { KubernetesObject } from '#api/meta.ts';

type OriginalObject = KubernetesObject & { spec: object };

const apiVersion = 'machine.openshift.io/v1beta1';
const clusterLabels = { 'machine.openshift.io/cluster-api-cluster': 'kubemark' };
const versions = { kubelet: '1.10.1', controlPlane: '1.10.1' };
const oldImage = 'docker.io/gofed/kubemark:v1.11.3-6';
const newImage = 'docker.io/gofed/kubemark:v1.14.3-beta.0-2';

function machineSpec(config: object): object {
  const kind = 'KubemarkMachineProviderConfig';
  const value = { apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1', kind, ...config };
  return { providerSpec: { value }, versions };
}

function machine(metadata: object, config: object): OriginalObject {
  const spec = machineSpec(config);
  return { apiVersion, kind: 'Machine', metadata: { labels: clusterLabels, ...metadata }, spec };
}

function machineSet(
  name: string,
  replicas: number,
  label: string,
  image = oldImage,
): OriginalObject {
  const matchLabels = { 'sigs.k8s.io/cluster-api-machineset': label };
  const spec = {
    metadata: { labels: { 'node-role.kubernetes.io/worker': '' } },
    ...machineSpec({ image }),
  };
  return {
    apiVersion,
    kind: 'MachineSet',
    metadata: { namespace: 'kube-system', name, labels: clusterLabels },
    spec: {
      replicas,
      selector: { matchLabels },
      template: { metadata: { labels: { ...matchLabels, ...clusterLabels } }, spec },
    },
  };
}

const testing = 'kubemark-actuator-testing-machineset';

const flapping = {
  unhealthyDuration: '5s',
  healthyDuration: '5s',
  turnUnhealthyPeriodically: true,
  image: newImage,
  numCores: 2,
  memoryCapacity: 10_737_418_240,
};

export const originalObjects: readonly OriginalObject[] = [
  machine({ namespace: 'default', name: 'kubemark-actuator-testing-machine' }, flapping),
  machine(
    {
      namespace: 'kube-system',
      name: 'minikube-static-machine',
      annotations: { 'machine.openshift.io/static-machine': 'minikube' },
    },
    { image: oldImage },
  ),
  machineSet(testing, 1, 'test-kubemark'),
  ...['red', 'green', 'blue'].map((color) =>
    machineSet(`${testing}-${color}`, 1, `test-kubemark-${color}`),
  ),
  ...Object.entries({ '2a': newImage, '2b': oldImage, '2c': oldImage }).map(([group, image]) => {
    const name = `kubemark-scale-group-${group}`;
    return machineSet(name, 0, name, image);
  }),
];

/** The kind of one of them. */
export function kindOf({ kind }: OriginalObject): Kind {
  return kind === 'Machine' ? machines : machineSets;
}
