import type { Taint } from '#api/infrastructure/v1alpha4/fields.ts';
import type { KubemarkMachineSpec } from '#api/infrastructure/v1alpha4/machine-spec.ts';
import type { Pod } from '#api/core.ts';
import type { FaultSpec } from '#api/faults/fault.ts';
import type { ObjectMeta } from '#api/meta.ts';
import { ownImageService } from './arguments.ts';
import {
  faultsArgument,
  proxiedKubeconfig,
  withFaultProxy,
  withUnconfinedProxy,
} from './fault-proxy.ts';
import { listFlag, pairs, taintText } from './list-flags.ts';

type PodSpec = NonNullable<Pod['spec']>;
type Container = PodSpec['containers'][number];

/** A hollow node of a workload cluster, everything decided. */
export interface ClusterNode {
  /** Of the Node. */
  name: string;
  image: string;
  runtime: 'Kubemark' | 'HollowNode';
  /** Quantities by resource name. */
  resources: Readonly<Record<string, string>>;
  labels: Readonly<Record<string, string>>;
  taints: readonly Taint[];
  faults: readonly FaultSpec[];
  /** For a kubemark that fails by a proxy. */
  faultProxyImage?: string;
  extraMounts: NonNullable<KubemarkMachineSpec['extraMounts']>;
  podTemplate: NonNullable<KubemarkMachineSpec['podTemplate']>;
}

/** Where kubemark looks for its kubeconfig, and what that names beside it. */
const credentialsFolder = '/kubeconfig';
export const certificateFile = `${credentialsFolder}/cert.pem`;

const ownKubeconfig = `${credentialsFolder}/kubeconfig`;

const credentials = 'kubeconfig';
/** In all images. */
const program = '/kubemark';
const containerName = 'hollow-node';

/** Of the existing provider too: a kubemark that renews its lease needs little more. */
const requests = {
  Kubemark: { cpu: '40m', memory: '220Mi' },
  HollowNode: { cpu: '20m', memory: '100Mi' },
} as const;

/** A hollow node has nothing to finish: it dies at once and writes nothing. */
const terminationGracePeriodSeconds = 5;

/** The Pod that runs one hollow node of a workload cluster. Pure. */
export function clusterPod(node: ClusterNode, metadata: ObjectMeta, secretName: string): Pod {
  const { extraMounts, podTemplate } = node;
  const { resources: _, extraArgs: __, tolerations = [], ...placement } = podTemplate;
  const { volumes = [], ...running } = containers(node);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: node.faultProxyImage === undefined ? metadata : withUnconfinedProxy(metadata),
    spec: {
      // Its credentials are for the workload cluster; those of this one are none of its business.
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds,
      ...placementOf(placement),
      tolerations: [
        ...['control-plane', 'master'].map((role) => ({
          key: `node-role.kubernetes.io/${role}`,
          operator: 'Exists',
          effect: 'NoSchedule',
        })),
        ...tolerations,
      ],
      ...(node.runtime === 'HollowNode' && {
        securityContext: {
          runAsNonRoot: true,
          runAsUser: 65532,
          fsGroup: 65532,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      }),
      ...running,
      volumes: [
        ...volumes,
        { name: credentials, secret: { secretName } },
        ...extraMounts.map(({ name, hostPath: path, type }) => ({
          name,
          hostPath: { path, ...(type && { type }) },
        })),
      ],
    },
  };
}

/** The proxy has the credentials then, and the kubelet a way to the proxy. */
function containers(node: ClusterNode): Pick<PodSpec, 'containers'> & Partial<PodSpec> {
  const { name, faults, faultProxyImage, extraMounts } = node;
  const mounts = extraMounts.map(({ name: volume, containerPath: mountPath }) => ({
    name: volume,
    mountPath,
  }));
  const credentialsMount = { name: credentials, mountPath: credentialsFolder, readOnly: true };
  if (faultProxyImage === undefined) {
    return { containers: [kubelet(node, ownKubeconfig, [credentialsMount, ...mounts])] };
  }
  return withFaultProxy(kubelet(node, proxiedKubeconfig, mounts), {
    image: faultProxyImage,
    nodeName: name,
    faults,
    program,
    volumeMounts: [credentialsMount],
  });
}

function kubelet(
  node: ClusterNode,
  kubeconfig: string,
  volumeMounts: NonNullable<Container['volumeMounts']>,
): Container {
  const { image, runtime, podTemplate } = node;
  return {
    name: containerName,
    image,
    command: [program],
    args: kubemarkArguments(node, kubeconfig),
    env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    ports: [{ name: 'kubelet', containerPort: 10250 }],
    resources: podTemplate.resources ?? { requests: requests[runtime] },
    volumeMounts,
    securityContext:
      runtime === 'Kubemark'
        ? { privileged: true } // it opens /dev/kmsg
        : {
            allowPrivilegeEscalation: false,
            capabilities: { drop: ['ALL'] },
            readOnlyRootFilesystem: true,
          },
  };
}

/** Where kubemark looks for it. */
const containerd = '/run/containerd/containerd.sock';

/** The existing provider's, in its order. */
function kubemarkArguments(node: ClusterNode, kubeconfig: string): string[] {
  const { name, image, runtime, resources, taints, labels, faults, podTemplate } = node;
  const hasContainerd = node.extraMounts.some(({ containerPath }) => containerPath === containerd);
  return [
    '--v=3',
    '--morph=kubelet',
    `--name=${name}`,
    `--kubeconfig=${kubeconfig}`,
    ...listFlag('--extended-resources', pairs(resources)),
    ...listFlag('--register-with-taints', taints.map(taintText)),
    ...listFlag('--node-labels', pairs(labels)),
    ...(runtime === 'HollowNode' && faults.length > 0
      ? [`--checked-faults=${faultsArgument(faults)}`]
      : []),
    ...(node.faultProxyImage !== undefined && !hasContainerd ? ownImageService(image) : []),
    ...(podTemplate.extraArgs ?? []),
  ];
}

function placementOf(
  placement: Omit<ClusterNode['podTemplate'], 'resources' | 'extraArgs' | 'tolerations'>,
): Partial<PodSpec> {
  const { nodeSelector, affinity, topologySpreadConstraints, priorityClassName, imagePullSecrets } =
    placement;
  return {
    ...(nodeSelector && { nodeSelector }),
    ...(affinity && { affinity }),
    ...(topologySpreadConstraints && { topologySpreadConstraints }),
    ...(priorityClassName && { priorityClassName }),
    ...(imagePullSecrets && { imagePullSecrets }),
  };
}
