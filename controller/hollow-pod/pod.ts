import type { Pod } from '#api/core.ts';
import type { ProviderConfig } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import {
  allFaults,
  kubeletArguments,
  proxiedKubeletArguments,
  proxyArguments,
} from './arguments.ts';
import { proxiedKubeconfig, withFaultProxy, withUnconfinedProxy } from './fault-proxy.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

export interface HollowPodOptions {
  /** Also the Node's name. */
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** With an image: the default was filled in. */
  config: ProviderConfig;
  /** For machines whose fault injector is the proxy. */
  faultProxyImage?: string;
}

/** Whose rights the hollow kubelet has: nodes, leases and the Pods on them, no Secrets. */
export const serviceAccountName = 'kubemark';

/** A hollow node has nothing to finish: it dies at once and writes nothing. */
const terminationGracePeriodSeconds = 5;

/** The Pod that runs one hollow node. Pure; its golden files are in testdata/. */
export function desiredPod({ config, faultProxyImage = '', ...metadata }: HollowPodOptions): Pod {
  const isKubemark = config.runtime === 'Kubemark';
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: isProxied(config) ? withUnconfinedProxy(metadata) : metadata,
    spec: {
      serviceAccountName,
      enableServiceLinks: false, // one variable per Service and port: much, and of no use here
      terminationGracePeriodSeconds,
      ...(!isKubemark && {
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      }),
      ...containers(config, faultProxyImage),
    },
  };
}

function isProxied({ runtime, faultInjector }: ProviderConfig): boolean {
  return runtime === 'Kubemark' && faultInjector === 'Proxy';
}

function containers(
  config: ProviderConfig,
  faultProxyImage: string,
): Partial<PodSpec> & Pick<PodSpec, 'containers'> {
  const { image = '' } = config;
  if (config.runtime === 'HollowNode') return { containers: [hollowKubelet(image, config)] };
  if (isProxied(config)) return proxiedKubelet(image, faultProxyImage, config);
  return { containers: [kubemarkKubelet(image, config), kubemarkProxy(image)] };
}

const nodeName = {
  name: 'NODE_NAME',
  valueFrom: { fieldRef: { fieldPath: 'metadata.name' } },
};

/** This project's image: needs no rights on the host. */
function hollowKubelet(image: string, config: ProviderConfig): Container {
  return {
    name: 'hollow-kubelet',
    image,
    command: ['/kubemark'],
    args: kubeletArguments(config),
    env: [nodeName, { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    ports: [{ name: 'kubelet', containerPort: 10250 }],
    resources: { requests: { cpu: '20m', memory: '100Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
  };
}

/** In all images, of whatever version. */
const program = '/kubemark';

/** A real kubemark must be privileged: it opens /dev/kmsg. */
function kubemarkKubelet(image: string, config: ProviderConfig): Container {
  return {
    name: 'hollow-kubelet',
    image,
    command: [program],
    args: kubeletArguments(config),
    env: [nodeName],
    ports: [
      { name: 'cadvisor', containerPort: 4194 },
      { name: 'kubelet', containerPort: 10250 },
      { name: 'kubelet-ro', containerPort: 10255 },
    ],
    resources: { requests: { cpu: '40m', memory: '100M' } },
    securityContext: { privileged: true },
  };
}

/** An unmodified kubemark, which fails because of the proxy. */
function proxiedKubelet(
  image: string,
  faultProxyImage: string,
  config: ProviderConfig,
): ReturnType<typeof withFaultProxy> {
  const kubelet: Container = {
    ...kubemarkKubelet(image, config),
    args: proxiedKubeletArguments(config, proxiedKubeconfig),
    // A kubemark that prefers in-cluster configuration would find its way past the proxy.
    env: [nodeName, { name: 'KUBERNETES_SERVICE_HOST', value: '' }],
    ports: [{ name: 'kubelet', containerPort: 10250 }],
  };
  return withFaultProxy(kubelet, {
    image: faultProxyImage,
    nodeName: '$(NODE_NAME)',
    env: [nodeName],
    faults: allFaults(config),
    program,
  });
}

function kubemarkProxy(image: string): Container {
  return {
    name: 'hollow-proxy',
    image,
    command: [program],
    args: proxyArguments,
    env: [nodeName],
    resources: { requests: { cpu: '40m', memory: '500Ki' } },
  };
}
