import type { Pod } from '#api/core.ts';
import type { ProviderConfig } from '#api/kubemarkproviderconfig/v1alpha1/decode.ts';
import {
  faultProxyArguments,
  kubeletArguments,
  proxiedKubeletArguments,
  proxyArguments,
} from './arguments.ts';

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
    metadata,
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

function containers(
  config: ProviderConfig,
  faultProxyImage: string,
): Partial<PodSpec> & Pick<PodSpec, 'containers'> {
  const { image = '' } = config;
  if (config.runtime === 'HollowNode') return { containers: [hollowKubelet(image, config)] };
  if (config.faultInjector === 'Proxy') return proxiedKubelet(image, faultProxyImage, config);
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

/** A kubeconfig that leads to the fault proxy, for kubemark, which ends where it finds none. */
const kubeconfigFolder = '/fault-proxy';
const kubeconfig = `${kubeconfigFolder}/kubeconfig`;

/** In the Pod's own network: no other Pod reaches it. */
const proxyAddress = '127.0.0.1:6444';

/**
 * An unmodified kubemark and the proxy that makes its Node fail.
 *
 * The proxy is a container like others, no native sidecar: API servers before 1.28 drop what makes an init
 * container one, and would wait for its end for ever. A kubemark that comes first asks again.
 *
 * One process namespace and, as kubemark, root: so the proxy can make it crash, and the Pod's kubelet
 * starts it again. AppArmor would keep processes of another profile from being signalled.
 */
function proxiedKubelet(
  image: string,
  faultProxyImage: string,
  config: ProviderConfig,
): Partial<PodSpec> & Pick<PodSpec, 'containers'> {
  const volumeMounts = [{ name: 'kubeconfig', mountPath: kubeconfigFolder }];
  const confined = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
  const capabilities = { drop: ['ALL'] };
  return {
    shareProcessNamespace: true,
    volumes: [{ name: 'kubeconfig', emptyDir: {} }],
    initContainers: [
      {
        name: 'kubeconfig',
        image: faultProxyImage,
        args: [`--listen=${proxyAddress}`, `--kubelet-kubeconfig=${kubeconfig}`, '--write-only'],
        volumeMounts,
        securityContext: { ...confined, runAsNonRoot: true, runAsUser: 65532, capabilities },
      },
    ],
    containers: [
      {
        ...kubemarkKubelet(image, config),
        args: proxiedKubeletArguments(config, kubeconfig),
        // A kubemark that prefers in-cluster configuration would find its way past the proxy.
        env: [nodeName, { name: 'KUBERNETES_SERVICE_HOST', value: '' }],
        ports: [{ name: 'kubelet', containerPort: 10250 }],
        volumeMounts,
      },
      {
        name: 'fault-proxy',
        image: faultProxyImage,
        args: faultProxyArguments(config, proxyAddress, program),
        // One kubelet's requests need no more; without a limit garbage piles up to twice as much.
        env: [
          nodeName,
          { name: 'NODE_OPTIONS', value: '--max-semi-space-size=1 --max-old-space-size=48' },
        ],
        resources: { requests: { cpu: '20m', memory: '100Mi' } },
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
