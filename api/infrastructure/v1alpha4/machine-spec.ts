/** What a KubemarkMachine should be: the spec of machines, and of what templates make. */
import { Type, type Static } from 'typebox';
import type { Pod } from '../../core.ts';
import { imageReference, labelValue } from '../../names.ts';
import { field } from '../../schema/field.ts';
import { choice } from '../../schema/fields.ts';
import { duration, labels, podPart, resourceList, taints } from './fields.ts';
import { faultFields } from './faults.ts';

type PodSpec = NonNullable<Pod['spec']>;

const text = (description: string) => Type.Optional(Type.String({ description }));

const path = (description: string) =>
  field(Type.String({ minLength: 1 }), { what: 'a path', want: 'e.g. "/run/sock"', description });

const extraMountSchema = Type.Object({
  name: field(Type.String({ pattern: '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$' }), {
    what: 'the name of a volume',
    want: 'e.g. "containerd-sock"',
    description: 'Of the volume.',
  }),
  containerPath: path('Where the container sees it.'),
  hostPath: path('Where the host has it.'),
  type: choice(
    'a type of hostPath',
    [
      '',
      'DirectoryOrCreate',
      'Directory',
      'FileOrCreate',
      'File',
      'Socket',
      'CharDevice',
      'BlockDevice',
    ],
    'What is to be at hostPath, as of a hostPath volume.',
  ),
});

const kubemarkOptionsSchema = Type.Object(
  {
    extendedResources: resourceList(
      'Capacity the node reports. Default 1 cpu, 4G of memory; may name any other resource.',
    ),
    registerWithTaints: taints('Taints the node registers with.'),
    nodeLabels: labels('Labels the node registers with.'),
  },
  { description: 'What the hollow kubelet is told.' },
);

const podTemplateSchema = Type.Object(
  {
    resources: podPart<PodSpec['containers'][number]['resources']>(
      'object',
      'Requests and limits of the hollow kubelet. Default: requests as measured for the runtime.',
    ),
    nodeSelector: podPart<Record<string, string>>('object', 'Which nodes take the Pod.'),
    affinity: podPart<PodSpec['affinity']>('object', 'Affinity of the Pod.'),
    tolerations: podPart<PodSpec['tolerations']>(
      'array',
      'Tolerations of the Pod, besides that of control-plane nodes.',
    ),
    topologySpreadConstraints: podPart<PodSpec['topologySpreadConstraints']>(
      'array',
      'How hollow-node Pods spread.',
    ),
    priorityClassName: text('Priority of the Pod.'),
    imagePullSecrets: podPart<PodSpec['imagePullSecrets']>(
      'array',
      "Secrets in the Pod's namespace that open the registry.",
    ),
    extraArgs: Type.Optional(
      Type.Array(Type.String(), {
        description: 'More arguments of kubemark, after all others: the last of a kind wins.',
      }),
    ),
  },
  { description: 'How the Pod of the hollow node is made.' },
);

const hollowPodClusterSchema = Type.Object(
  {
    apiVersion: text('v1; ignored.'),
    kind: text('Secret; ignored.'),
    name: text('Of a Secret with the keys kubeconfig and, optional, namespace.'),
    namespace: text('Of that Secret. Default, and by default the only one: that of the machine.'),
    uid: text('Ignored.'),
    resourceVersion: text('Ignored.'),
    fieldPath: text('Ignored.'),
  },
  { description: 'The cluster that runs the Pod. Default: the management cluster.' },
);

const startupDelaySchema = Type.Object(
  {
    duration: duration('How long, counted from the creation of the machine.'),
    jitterPercent: Type.Optional(
      field(Type.Integer({ minimum: 0, maximum: 1000 }), {
        what: 'a share in percent',
        want: '0 to 1000',
        description: 'Up to this share of the duration is added: always the same for a machine.',
      }),
    ),
  },
  { description: 'How long the Pod is held back, as a slow cloud would.' },
);

export const machineSpecProperties = {
  providerID: Type.Optional(
    field(Type.String({ minLength: 1, maxLength: 512 }), {
      what: 'a provider ID',
      want: 'nothing: it is set by the provider',
      description:
        'kubemark://<node name>: equals spec.providerID of the Node. Set by the provider.',
    }),
  ),
  extraMounts: Type.Optional(
    Type.Array(extraMountSchema, { description: 'Paths of the host that kubemark sees.' }),
  ),
  kubemarkOptions: Type.Optional(kubemarkOptionsSchema),
  kubemarkHollowPodClusterSecretRef: Type.Optional(hollowPodClusterSchema),
  image: Type.Optional(
    field(Type.String({ pattern: imageReference }), {
      what: 'an image reference',
      want: 'e.g. "quay.io/cluster-api-provider-kubemark/kubemark:v1.34.0"',
      description:
        "The hollow node's image. Default: the manager's --kubemark-image at the Machine's version, else its --hollow-node-image.",
    }),
  ),
  runtime: choice(
    'a runtime',
    ['Kubemark', 'HollowNode'],
    "What is in the image: a real kubemark (privileged), or this project's hollow node (not). Default Kubemark with an image, else what the default image is.",
  ),
  credentials: choice(
    'a way to credentials',
    ['CertificateSigningRequest', 'ClusterCA'],
    "How the node gets its client certificate: asked of the workload cluster, or signed here with the key of the cluster's CA. Default CertificateSigningRequest.",
  ),
  apiServer: Type.Optional(
    field(Type.String({ pattern: '^https?://[^\\s/]+' }), {
      what: "an API server's URL",
      want: 'e.g. "https://10.0.0.1:6443"',
      description:
        "Where the hollow node finds the workload cluster's API server. Default: what the cluster's kubeconfig says.",
    }),
  ),
  ...faultFields,
  deletionTimeout: duration('How long the Pod stays after the deletion was asked for.'),
  startupDelay: Type.Optional(startupDelaySchema),
  instanceLossPolicy: choice(
    'an instance loss policy',
    ['Recreate', 'Fail'],
    'What a lost Pod means: the same one comes back (like a reboot), or the machine fails for good. Default Recreate.',
  ),
  podTemplate: Type.Optional(podTemplateSchema),
  failureDomain: Type.Optional(
    field(Type.String({ minLength: 1, maxLength: 63, pattern: labelValue }), {
      what: 'the name of a zone',
      want: 'at most 63 letters, digits, "-", "_" or "."',
      description:
        "The zone: label topology.kubernetes.io/zone of the node. The Machine's own goes first.",
    }),
  ),
  interruptible: Type.Optional(
    Type.Boolean({ description: 'Core marks the Node as one that may be taken away (spot).' }),
  ),
};

export const machineSpecSchema = Type.Object(machineSpecProperties, {
  description: 'What the machine should be.',
});
export type KubemarkMachineSpec = Static<typeof machineSpecSchema>;
