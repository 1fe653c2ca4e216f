import { join } from 'node:path';
import type { NodeNetwork } from './network.ts';

/** What the node calls itself. */
export const nodeName = 'real-node';

export interface NodeSettings {
  /** Of the control plane; everything of the node is in it too. */
  folder: string;
  /** Where kubelet and kube-proxy are. */
  binaries: string;
  network: NodeNetwork;
  /** The name of the node's cgroup, in each hierarchy. */
  cgroup: string;
}

/** Where containerd listens. */
export function containerdSocket(folder: string): string {
  return join(folder, 'containerd.sock');
}

/** The texts of the files that the node reads, by name in its folder. */
export function nodeFiles(settings: NodeSettings): Record<string, string> {
  const { folder, network } = settings;
  return {
    'node.env': environment(settings),
    'containerd.toml': containerdConfig(folder),
    'cni/bridge.conflist': JSON.stringify(cniConfig(network)),
    'kubelet.json': JSON.stringify(kubeletConfig(settings)),
    'resolv.conf': '', // nobody here answers questions about names
  };
}

function environment({ binaries, network, cgroup }: NodeSettings): string {
  const variables = {
    binaries,
    cgroup,
    device: network.device,
    machine_address: network.machineAddress,
    node_address: network.nodeAddress,
    pod_subnet: network.podSubnet,
    node_name: nodeName,
  };
  const lines = Object.entries(variables).map(([name, value]) => `${name}='${value}'\n`);
  return lines.join('');
}

export const pauseImage = 'localhost/kubemark-pause:1';

function containerdConfig(folder: string): string {
  const quoted = JSON.stringify;
  return `version = 2
root = ${quoted(join(folder, 'containerd'))}
state = "/run/containerd"
[grpc]
  address = ${quoted(containerdSocket(folder))}
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = ${quoted(pauseImage)}
  # Without CAP_SYS_RESOURCE runc may not raise the priority that the kubelet wants.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = ${quoted(join(folder, 'cni'))}
`;
}

function cniConfig({ podSubnet }: NodeNetwork): object {
  return {
    cniVersion: '0.4.0',
    name: 'kubemark',
    plugins: [
      {
        type: 'bridge',
        bridge: 'cni0',
        isGateway: true,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podSubnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig({ folder, network, cgroup }: NodeSettings): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: network.nodeAddress,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    syncFrequency: '10s', // how long a Pod stays whose end the kubelet has missed; by itself a minute
    resolvConf: join(folder, 'resolv.conf'),
    // Whoever imported an image could not pull it again; and a full disk shall not turn the node away.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '50Mi' },
  };
}
