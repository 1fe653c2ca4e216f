import type { ProviderConfig, Unhealthiness } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import { formatDuration } from '#api/duration.ts';

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
    ...listFlag('--extended-resources', pairs(config.extendedResources)),
    ...listFlag('--node-labels', pairs(config.nodeLabels)),
    ...listFlag(
      '--register-with-taints',
      config.registerWithTaints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`),
    ),
  ];
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

function listFlag(name: string, values: string[]): string[] {
  return values.length === 0 ? [] : [`${name}=${values.join(',')}`];
}

function pairs(record: Record<string, string>): string[] {
  return Object.entries(record).map(([key, value]) => `${key}=${value}`);
}
