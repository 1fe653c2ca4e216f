import {
  providerConfigVersions,
  type KubemarkMachineProviderStatus,
} from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import type { MachineStatus } from '#api/machine/v1beta1/machine.ts';

/** The provider's part of a Machine's status, trusted to be ours. */
export function providerStatusOf(status: MachineStatus): KubemarkMachineProviderStatus {
  return {
    apiVersion: providerConfigVersions[0],
    kind: 'KubemarkMachineProviderStatus',
    ...(status.providerStatus as Partial<KubemarkMachineProviderStatus> | undefined),
  };
}
