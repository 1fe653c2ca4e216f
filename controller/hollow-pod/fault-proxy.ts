import type { FaultSpec } from '#api/faults/fault.ts';
import type { Pod } from '#api/core.ts';
import type { ObjectMeta } from '#api/meta.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

export interface FaultProxyOptions {
  image: string;
  /** Of the kubelet; may be `$(NODE_NAME)`, of `env`. */
  nodeName: string;
  faults: readonly FaultSpec[];
  /** What runs as this file is the kubelet. */
  program: string;
  env?: NonNullable<Container['env']>;
  /** What it needs to reach the API server with; absent: the Pod's own credentials. */
  volumeMounts?: NonNullable<Container['volumeMounts']>;
}

const folder = '/fault-proxy';

/** A kubeconfig that leads to the proxy, for kubemark, which ends where it finds none. */
export const proxiedKubeconfig = `${folder}/kubeconfig`;

/** In the Pod's own network: no other Pod reaches it. */
const address = '127.0.0.1:6444';

/**
 * Kubelets that know Amazon's registry look for credentials before anything else: for 6 s where no metadata
 * service answers, and again after each crash.
 */
const withoutAmazon = { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' };

const volume = 'fault-proxy';
const containerName = 'fault-proxy';

/** What API servers before 1.30 know of AppArmor instead of a field; later ones want the two to agree. */
export function withUnconfinedProxy(metadata: ObjectMeta): ObjectMeta {
  const unconfined = {
    [`container.apparmor.security.beta.kubernetes.io/${containerName}`]: 'unconfined',
  };
  return { ...metadata, annotations: { ...metadata.annotations, ...unconfined } };
}

/**
 * An unmodified kubemark, told `proxiedKubeconfig`, and the proxy that makes its Node fail.
 *
 * The proxy is a container like others, no native sidecar: API servers before 1.28 drop what makes an init
 * container one, and would wait for its end for ever. A kubemark that comes first asks again.
 *
 * One process namespace and, as kubemark, root: so the proxy can make it crash, and the Pod's kubelet
 * starts it again. AppArmor would keep processes of another profile from being signalled; the Pod's metadata
 * (`withUnconfinedProxy`) say so to older API servers.
 */
export function withFaultProxy(
  kubelet: Container,
  { image, nodeName, faults, program, env = [], volumeMounts: credentials = [] }: FaultProxyOptions,
): Partial<PodSpec> & Required<Pick<PodSpec, 'containers' | 'volumes'>> {
  const volumeMounts = [{ name: volume, mountPath: folder }];
  const confined = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
  const capabilities = { drop: ['ALL'] };
  return {
    shareProcessNamespace: true,
    volumes: [{ name: volume, emptyDir: {} }],
    initContainers: [
      {
        name: 'kubeconfig',
        image,
        args: [`--listen=${address}`, `--kubelet-kubeconfig=${proxiedKubeconfig}`, '--write-only'],
        volumeMounts,
        securityContext: { ...confined, runAsNonRoot: true, runAsUser: 65532, capabilities },
      },
    ],
    containers: [
      {
        ...kubelet,
        env: [...(kubelet.env ?? []), withoutAmazon],
        volumeMounts: [...(kubelet.volumeMounts ?? []), ...volumeMounts],
      },
      {
        name: containerName,
        image,
        args: [
          `--node-name=${nodeName}`,
          `--listen=${address}`,
          `--kubelet-program=${program}`,
          ...(faults.length > 0 ? [`--checked-faults=${faultsArgument(faults)}`] : []),
        ],
        // One kubelet's requests need no more; without a limit garbage piles up to twice as much.
        env: [
          ...env,
          { name: 'NODE_OPTIONS', value: '--max-semi-space-size=1 --max-old-space-size=48' },
        ],
        resources: { requests: { cpu: '20m', memory: '100Mi' } },
        ...(credentials.length > 0 && { volumeMounts: credentials }),
        securityContext: {
          ...confined,
          runAsUser: 0,
          capabilities,
          appArmorProfile: { type: 'Unconfined' },
        },
      },
    ],
  };
}

/** A kubelet replaces `$(NAME)` in arguments; `$$(NAME)` becomes `$(NAME)`. */
export function faultsArgument(faults: readonly FaultSpec[]): string {
  return JSON.stringify(faults).replaceAll('$(', '$$$$(');
}
