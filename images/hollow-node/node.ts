/** The Node object as a hollow kubelet writes it: pure builders. */
import type { Node, NodeCondition } from '#api/core.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import type { HollowNodeOptions } from './options.ts';

export type NodeStatus = NonNullable<Node['status']>;

/** The Kubernetes version the node claims to be. */
export const kubeletVersion = 'v1.32.0';

/** Status but the conditions: what a node is, as opposed to how it feels. */
export type NodeFacts = Required<
  Pick<NodeStatus, 'addresses' | 'allocatable' | 'capacity' | 'daemonEndpoints' | 'nodeInfo'>
>;

/** @param address what the node reports as its InternalIP */
export function nodeFacts(options: HollowNodeOptions, address: string): NodeFacts {
  const { name, resources, kubeletPort } = options;
  return {
    capacity: { ...resources },
    allocatable: { ...resources },
    addresses: [
      { type: 'InternalIP', address },
      { type: 'Hostname', address: name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: kubeletPort } },
    nodeInfo: {
      machineID: '',
      systemUUID: '',
      bootID: '',
      kernelVersion: '3.16.0-0.bpo.4-amd64',
      osImage: 'Debian GNU/Linux 7 (wheezy)',
      containerRuntimeVersion: 'fakeRuntime://0.1.0',
      kubeletVersion,
      kubeProxyVersion: kubeletVersion,
      operatingSystem: 'linux',
      architecture: 'amd64',
    },
  };
}

/** The Node to register. Labels and taints are only ever written here. */
export function newNode(
  options: HollowNodeOptions,
  facts: NodeFacts,
  conditions: NodeCondition[],
): Node {
  const { name, providerID, nodeLabels, taints } = options;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...nodeLabels,
      },
    },
    spec: {
      ...(providerID !== '' && { providerID }),
      ...(taints.length > 0 && { taints: [...taints] }),
    },
    status: { ...facts, conditions },
  };
}

/**
 * The conditions with their times: all heartbeats are now, a transition is now where the status
 * differs from the stored one and stays what it was otherwise, because health checks count from it.
 *
 * @param now RFC 3339, whole seconds
 */
export function withTimes(
  values: readonly ConditionValue[],
  stored: readonly NodeCondition[],
  now: string,
): NodeCondition[] {
  return values.map((value) => {
    const before = stored.find(({ type }) => type === value.type);
    const isSame = before?.status === value.status;
    const lastTransitionTime = (isSame ? before.lastTransitionTime : undefined) ?? now;
    return { ...value, lastHeartbeatTime: now, lastTransitionTime };
  });
}
