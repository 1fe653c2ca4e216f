import test from 'ava';
import { decodeProviderConfig } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import { proxiedKubeletArguments } from './arguments.ts';

const images: [image: string, knowsFlag: boolean][] = [
  ['example.com/kubemark:v1.20.2', false],
  ['example.com:1.5000/kubemark:1.21', false],
  [`example.com/kubemark:v1.21@sha256:${'0'.repeat(64)}`, false],
  ['example.com/kubemark:v1.22.0-rc.1', true],
  ['example.com/kubemark:v1.32', true],
  ['example.com/kubemark', true],
  ['example.com/kubemark:latest', true],
];

for (const [image, knowsFlag] of images) {
  const what = knowsFlag ? 'is told not to look for containerd' : 'is not given a flag of 1.22';
  test(`${image} ${what}`, (t) => {
    const value = {
      apiVersion: 'kubemarkproviderconfig.k8s.io/v1alpha1',
      kind: 'KubemarkMachineProviderConfig',
      image,
      faultInjector: 'Proxy',
    };
    const { config } = decodeProviderConfig(value, { path: 'value' });
    const args = proxiedKubeletArguments(config, '/kubeconfig');
    t.is(args.includes('--use-host-image-service=false'), knowsFlag);
  });
}
