/**
 * `KubemarkMachineProviderConfig`, the object in a legacy Machine's `spec.providerSpec.value`, and
 * `KubemarkMachineProviderStatus`, the one in its `status.providerStatus`. Neither is a CRD: they
 * only travel inside Machines, so the runtime check is the only one there is.
 */
import { Type, type Static } from 'typebox';
import { faultSchema } from '../../faults/fault.ts';
import { imageReference, labelValue, qualifiedName } from '../../names.ts';
import { field } from '../../schema/field.ts';
import { choice, duration, mapOf } from '../../schema/fields.ts';
import { quantity } from '../../schema/formats.ts';

export const providerConfigGroup = 'kubemarkproviderconfig.k8s.io';

/** What the original registered on the wire, and what its Go package was called: the same thing. */
export const providerConfigVersions = [
  `${providerConfigGroup}/v1alpha1`,
  `${providerConfigGroup}/v1beta1`,
] as const;

const flag = (description: string) =>
  Type.Optional(field(Type.Boolean(), { what: 'a boolean', want: 'true or false', description }));

export const taintSchema = Type.Object({
  key: field(Type.String({ pattern: qualifiedName }), {
    what: 'a taint key',
    want: 'e.g. "dedicated", "example.com/gpu"',
  }),
  value: Type.Optional(
    field(Type.String({ pattern: labelValue }), {
      what: 'a taint value',
      want: 'at most 63 letters, digits, "-", "_" or "."',
    }),
  ),
  effect: field(Type.Enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']), {
    what: 'a taint effect',
    want: '"NoSchedule", "PreferNoSchedule" or "NoExecute"',
  }),
});

export const providerConfigSchema = Type.Object({
  apiVersion: field(Type.Enum(providerConfigVersions), {
    what: 'a version of this kind',
    want: `"${providerConfigVersions[0]}"`,
  }),
  kind: field(Type.Literal('KubemarkMachineProviderConfig'), {
    what: 'a known kind',
    want: '"KubemarkMachineProviderConfig"',
  }),
  image: Type.Optional(
    field(Type.String({ pattern: imageReference }), {
      what: 'an image reference',
      want: 'e.g. "docker.io/gofed/kubemark:v1.14.3-beta.0-2"',
      description:
        "The hollow node's image. Omitted: the manager's --hollow-node-image, with runtime HollowNode.",
    }),
  ),
  runtime: choice(
    'a runtime',
    ['Kubemark', 'HollowNode'],
    "What is in the image: a real kubemark (privileged), or this project's hollow node (not). Default Kubemark.",
  ),
  faultInjector: choice(
    'a fault injector',
    ['KubemarkFlags', 'Proxy'],
    "Who makes the node fail: KubemarkFlags leaves it to the image's own kubemark, Proxy to a proxy before an unmodified one. Default KubemarkFlags.",
  ),
  faults: Type.Optional(
    field(Type.Array(faultSchema), {
      what: 'a list of faults',
      want: 'e.g. [{"type": "NotReady", "after": "40s", "duration": "5s", "period": "45s"}]',
      description:
        'What goes wrong with the node and when. With faultInjector Proxy or runtime HollowNode.',
    }),
  ),
  turnUnhealthyAfter: flag(
    'Turns the node NotReady once, for ever. The delay from its start is healthyDuration; if that is absent or 0, unhealthyDuration.',
  ),
  turnUnhealthyPeriodically: flag(
    'Keeps the node Ready for healthyDuration, then NotReady for unhealthyDuration, again and again.',
  ),
  healthyDuration: duration('How long the node is Ready.'),
  unhealthyDuration: duration('How long the node is NotReady.'),
  deletionTimeout: duration(
    'How long Pod and Node stay after the Machine was deleted, counted from the first reconcile of the deletion.',
  ),
  numCores: Type.Optional(
    field(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 }), {
      what: 'a number of cores',
      want: 'an integer of at least 1',
      description: 'The cpu capacity the node reports.',
    }),
  ),
  memoryCapacity: Type.Optional(
    field(
      Type.Union([
        Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
        Type.String({ format: quantity }),
      ]),
      {
        what: 'an amount of memory',
        want: 'bytes or a quantity, e.g. 10737418240, "10Gi"',
        description: 'The memory capacity the node reports.',
      },
    ),
  ),
  extendedResources: Type.Optional(
    field(
      mapOf(
        { what: 'the name of a resource', want: 'e.g. "example.com/gpu"' },
        field(Type.Union([Type.Integer({ minimum: 0 }), Type.String({ format: quantity })]), {
          what: 'a quantity',
          want: 'e.g. 8, "10Gi"',
        }),
      ),
      {
        what: 'a map of resources',
        want: 'e.g. {"example.com/gpu": 8}',
        description: 'More capacity the node reports, by resource name.',
      },
    ),
  ),
  nodeLabels: Type.Optional(
    field(
      mapOf(
        { what: 'a label key', want: 'e.g. "zone", "example.com/zone"' },
        field(Type.String({ pattern: labelValue }), {
          what: 'a label value',
          want: 'at most 63 letters, digits, "-", "_" or "."',
        }),
      ),
      {
        what: 'a map of labels',
        want: 'e.g. {"zone": "a"}',
        description: 'Labels the node registers with.',
      },
    ),
  ),
  registerWithTaints: Type.Optional(
    field(Type.Array(taintSchema), {
      what: 'a list of taints',
      want: 'e.g. [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]',
      description: 'Taints the node registers with, besides kubemark=true:NoSchedule.',
    }),
  ),
  instanceLossPolicy: choice(
    'an instance loss policy',
    ['Recreate', 'Fail'],
    'What a lost Pod means: the same one comes back (like a reboot), or the Machine fails for good. Default Recreate.',
  ),
  metadata: Type.Optional(Type.Unknown({ description: 'Ignored, as it always was.' })),
});

export type KubemarkMachineProviderConfig = Static<typeof providerConfigSchema>;
export type Taint = Static<typeof taintSchema>;

export interface ProviderCondition {
  /**
   * `MachineCreation`: the Pod was made. `InstanceRunning`: its kubemark runs. `NodeRegistered`: there
   * is a Node with the provider ID; absent until there was.
   */
  type: 'MachineCreation' | 'InstanceRunning' | 'NodeRegistered';
  status: 'True' | 'False' | 'Unknown';
  lastProbeTime: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface KubemarkMachineProviderStatus {
  apiVersion: string;
  kind: 'KubemarkMachineProviderStatus';
  /** `<Pod namespace>/<Pod name>` */
  instanceId?: string;
  /** The Pod's phase. */
  instanceState?: string;
  /** Why the machine does not work, or what its deletion waits for: a word. Absent: all is well. */
  reason?: string;
  /** The same in a sentence. */
  message?: string;
  conditions?: ProviderCondition[];
  /** What the node is made to suffer on demand (`api/faults/injection.ts`). */
  fault?: InjectedFault;
}

export interface InjectedFault {
  /** The Machine's annotation. */
  asked: string;
  /** RFC 3339 with milliseconds. Absent: nothing is injected, because of the error. */
  since?: string;
  /** Absent: until it is taken back. */
  until?: string;
  /** Why it cannot be understood. */
  error?: string;
}
