import test from 'ava';
import type { KubemarkMachineTemplate } from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { templateStatus } from './controller.ts';

function template(
  spec: KubemarkMachineTemplate['spec']['template']['spec'],
): KubemarkMachineTemplate {
  const kind = 'KubemarkMachineTemplate';
  const apiVersion = 'infrastructure.cluster.x-k8s.io/v1alpha4';
  return { apiVersion, kind, metadata: { name: 'workers' }, spec: { template: { spec } } };
}

test('a template that says nothing has the default size', (t) => {
  t.deepEqual(templateStatus(template({})), {
    capacity: { cpu: '1', memory: '4G', pods: '110' },
    nodeInfo: { architecture: 'amd64', operatingSystem: 'linux' },
  });
});

test('capacities are strings, also where numbers were written', (t) => {
  const extendedResources = { cpu: 8, 'nvidia.com/gpu': 2 };
  const { capacity } = templateStatus(template({ kubemarkOptions: { extendedResources } }));
  t.deepEqual(capacity, { cpu: '8', memory: '4G', pods: '110', 'nvidia.com/gpu': '2' });
});

test('nodes have the architecture of what runs their Pods', (t) => {
  const podTemplate = { nodeSelector: { 'kubernetes.io/arch': 'arm64' } };
  t.is(templateStatus(template({ podTemplate })).nodeInfo?.architecture, 'arm64');
});

test('half a device is told, and not tried again', (t) => {
  const extendedResources = { 'nvidia.com/gpu': '500m' };
  t.throws(() => templateStatus(template({ kubemarkOptions: { extendedResources } })), {
    name: 'TerminalError',
    message: /extendedResources: "500m" of "nvidia.com\/gpu" is not a whole number/,
  });
});
