import type { HollowNodeOptions } from '#hollow-node/options.ts';

/** The cluster's one node that runs programs: where hollow-node Pods land. */
export const hostNode: HollowNodeOptions = {
  name: 'local',
  providerID: 'local://local',
  nodeLabels: { 'node-role.kubernetes.io/control-plane': '' },
  taints: [],
  // Programs in this process are small: the node takes thousands of Pods that ask for a real one's share.
  resources: { cpu: '1000', memory: '4Ti', pods: '10000', 'ephemeral-storage': '1Ti' },
  kubeletPort: 0,
  statusUpdateFrequency: 10_000,
  statusReportFrequency: 300_000,
  leaseDuration: 40_000,
  faults: [],
};
