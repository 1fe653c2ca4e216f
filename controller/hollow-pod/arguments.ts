import type { ProviderConfig, Unhealthiness } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import type { FaultSpec } from '#api/faults/fault.ts';
import type { Taint } from '#api/kubemarkproviderconfig/v1alpha1/provider-config.ts';
import { formatDuration } from '#api/duration.ts';
import { faultsArgument } from './fault-proxy.ts';
import { listFlag, pairs, taintText } from './list-flags.ts';

/** What the original passed besides the machine's own settings (spec of the original, §2.3). */
const alwaysPassed = [
  '--node-status-update-frequency=2s',
  '--no-schedule=true',
  '--kube-api-content-type=application/vnd.kubernetes.protobuf',
  '--alsologtostderr',
];

/**
 * The command line of the hollow kubelet: the original's, in its order. `$(NODE_NAME)` is for the
 * kubelet to expand. Lists come last: kubemarks older than 1.22 do not know them, so they are only
 * passed when set.
 */
export function kubeletArguments(config: ProviderConfig): string[] {
  return [
    '--morph=kubelet',
    '--name=$(NODE_NAME)',
    ...unhealthyFlags(config.unhealthiness),
    ...(config.numCores === undefined ? [] : [`--num-cores=${config.numCores}`]),
    ...(config.memoryCapacity === undefined ? [] : [`--memory-capacity=${config.memoryCapacity}`]),
    ...alwaysPassed,
    ...(config.faults.length === 0 ? [] : [`--checked-faults=${faultsArgument(config.faults)}`]),
    ...listFlag('--extended-resources', pairs(config.extendedResources)),
    ...listFlag('--node-labels', pairs(config.nodeLabels)),
    ...listFlag('--register-with-taints', config.registerWithTaints.map(taintText)),
  ];
}

/**
 * The command line of an unmodified kubemark that asks through the fault proxy. Nothing is passed that
 * some version does not know, but what its capacity takes (since 1.22).
 */
export function proxiedKubeletArguments(config: ProviderConfig, kubeconfig: string): string[] {
  const { numCores, memoryCapacity, extendedResources, image = '' } = config;
  const resources = {
    ...(numCores !== undefined && { cpu: String(numCores) }),
    ...(memoryCapacity !== undefined && { memory: String(memoryCapacity) }),
    ...extendedResources,
  };
  const taints: Taint[] = [
    { key: 'kubemark', value: 'true', effect: 'NoSchedule' },
    ...config.registerWithTaints,
  ];
  return [
    '--morph=kubelet',
    '--name=$(NODE_NAME)',
    `--kubeconfig=${kubeconfig}`,
    ...ownImageService(image),
    ...listFlag('--extended-resources', pairs(resources)),
    ...listFlag('--node-labels', pairs(config.nodeLabels)),
    ...listFlag('--register-with-taints', taints.map(taintText)),
  ];
}

/** What the patched kubemark was told, as faults like others, and these. */
export function allFaults({ unhealthiness, faults }: ProviderConfig): FaultSpec[] {
  return [...unhealthyFaults(unhealthiness), ...faults];
}

function unhealthyFaults(unhealthiness: Unhealthiness): FaultSpec[] {
  if (unhealthiness.type === 'Never') return [];
  const { healthy } = unhealthiness;
  const fault: FaultSpec = { type: 'NotReady', after: formatDuration(healthy) };
  if (unhealthiness.type === 'After') return [fault];
  const { unhealthy } = unhealthiness;
  const times = {
    duration: formatDuration(unhealthy),
    period: formatDuration(healthy + unhealthy),
  };
  return [{ ...fault, ...times }];
}

/** Since 1.22 it would look for the host's containerd, and fail each Pod where it finds none. */
export function ownImageService(image: string): string[] {
  return minorVersion(image) >= 22 ? ['--use-host-image-service=false'] : [];
}

/** Whether a kubemark can be told what its node has. */
export function knowsResources(image: string): boolean {
  return minorVersion(image) >= 22;
}

/** 22 of `kubemark:v1.22.3`; an image that does not say is taken for a new one. */
function minorVersion(image: string): number {
  const [, minor] = /:v?1\.(\d+)(?:[.@-][^/]*)?$/.exec(image) ?? [];
  return minor === undefined ? Number.POSITIVE_INFINITY : Number(minor);
}

/** The command line of the hollow proxy that runs beside a real kubemark. */
export const proxyArguments = [
  '--morph=proxy',
  '--name=$(NODE_NAME)',
  '--kube-api-content-type=application/vnd.kubernetes.protobuf',
  '--alsologtostderr',
];

/** The flags of the patched kubemark (kubernetes PR 73399). */
function unhealthyFlags(unhealthiness: Unhealthiness): string[] {
  if (unhealthiness.type === 'Never') return [];
  const healthy = `--healthy-duration=${formatDuration(unhealthiness.healthy)}`;
  if (unhealthiness.type === 'After') return ['--turn-unhealthy-after=true', healthy];
  const unhealthy = `--unhealthy-duration=${formatDuration(unhealthiness.unhealthy)}`;
  return ['--turn-unhealthy-periodically=true', unhealthy, healthy];
}
