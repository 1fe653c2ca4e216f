import type { Taint } from '#api/infrastructure/v1alpha4/fields.ts';
import type { KubemarkMachineSpec } from '#api/infrastructure/v1alpha4/machine-spec.ts';
import type { Pod } from '#api/core.ts';
import type { ObjectMeta } from '#api/meta.ts';

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
  extraMounts: NonNullable<KubemarkMachineSpec['extraMounts']>;
  podTemplate: NonNullable<KubemarkMachineSpec['podTemplate']>;
}

/** Where kubemark looks for its kubeconfig, and what that names beside it. */
const credentialsFolder = '/kubeconfig';
export const certificateFile = `${credentialsFolder}/cert.pem`;

const credentials = 'kubeconfig';
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
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
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
      containers: [container(node)],
      volumes: [
        { name: credentials, secret: { secretName } },
        ...extraMounts.map(({ name, hostPath: path, type }) => ({
          name,
          hostPath: { path, ...(type && { type }) },
        })),
      ],
    },
  };
}

function container(node: ClusterNode): Container {
  const { image, runtime, extraMounts, podTemplate } = node;
  return {
    name: containerName,
    image,
    command: ['/kubemark'],
    args: kubemarkArguments(node),
    env: [{ name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    ports: [{ name: 'kubelet', containerPort: 10250 }],
    resources: podTemplate.resources ?? { requests: requests[runtime] },
    volumeMounts: [
      { name: credentials, mountPath: credentialsFolder, readOnly: true },
      ...extraMounts.map(({ name, containerPath: mountPath }) => ({ name, mountPath })),
    ],
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

/** The existing provider's, in its order. */
function kubemarkArguments({
  name,
  resources,
  taints,
  labels,
  podTemplate,
}: ClusterNode): string[] {
  return [
    '--v=3',
    '--morph=kubelet',
    `--name=${name}`,
    `--kubeconfig=${credentialsFolder}/kubeconfig`,
    ...listFlag('--extended-resources', pairs(resources)),
    ...listFlag(
      '--register-with-taints',
      taints.map(({ key, value = '', effect }) => `${key}=${value}:${effect}`),
    ),
    ...listFlag('--node-labels', pairs(labels)),
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

function listFlag(name: string, values: string[]): string[] {
  return values.length === 0 ? [] : [`${name}=${values.join(',')}`];
}

function pairs(record: Readonly<Record<string, string>>): string[] {
  return Object.entries(record).map(([key, value]) => `${key}=${value}`);
}
