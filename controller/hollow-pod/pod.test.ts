import { readFile, readdir } from 'node:fs/promises';
import test from 'ava';
import { parse } from 'yaml';
import { decodeProviderConfig } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import { matchesGolden } from '#test/helpers/golden.ts';
import { desiredPod } from './pod.ts';

const testdata = new URL('testdata/', import.meta.url);

for (const file of await readdir(testdata)) {
  if (!file.endsWith('.input.yaml')) continue;
  test(`a provider configuration becomes a Pod: ${file}`, async (t) => {
    const value: unknown = parse(await readFile(new URL(file, testdata), 'utf8'));
    const { config } = decodeProviderConfig(value, {
      path: 'spec.providerSpec.value',
      defaultImage: 'example.com/hollow-node:v1',
    });
    const pod = desiredPod({
      name: 'worker-6ba7b810',
      namespace: 'kubemark-actuator',
      labels: { 'machine.k8s.io/machine-uid': '6ba7b810' },
      annotations: { 'machine.openshift.io/machine': 'default/worker' },
      config,
      faultProxyImage: 'example.com/fault-proxy:v1',
    });
    await matchesGolden(t, new URL(file.replace('.input.', '.output.'), testdata), pod);
  });
}
