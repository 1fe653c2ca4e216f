/**
 * What the schemas of the infrastructure kinds cannot say, asked of every API server since 1.30
 * without a webhook: names in maps, duplicates, and what of a template may change.
 */
import { ApiObject } from 'cdk8s';
import type { Construct } from 'constructs';
import { topologyDryRunAnnotation } from '#api/cluster-api/core.ts';
import type { CustomKind } from '#api/custom-kind.ts';
import { infrastructureVersion } from '#api/infrastructure/v1alpha4/contract.ts';
import { kubemarkClusterTemplates } from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { kubemarkMachineTemplates } from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import { qualifiedName } from '#api/names.ts';
import { commonLabels } from './names.ts';

interface Policy {
  name: string;
  kinds: readonly CustomKind[];
  operations: readonly ('CREATE' | 'UPDATE')[];
  variables?: readonly { name: string; expression: string }[];
  validations: readonly { expression: string; message: string }[];
}

/** Templates are replaced, never changed; the topology controller's dry run asks what would be. */
const immutability: Policy = {
  name: 'kubemark-templates-stay-as-they-are',
  kinds: [kubemarkMachineTemplates, kubemarkClusterTemplates],
  operations: ['UPDATE'],
  validations: [
    {
      expression: `object.spec.template.spec == oldObject.spec.template.spec || (request.dryRun && has(object.metadata.annotations) && '${topologyDryRunAnnotation}' in object.metadata.annotations)`,
      message: 'spec.template.spec is immutable: make another template',
    },
  ],
};

const identity: Policy = {
  name: 'kubemark-machines-keep-their-provider-id',
  kinds: [kubemarkMachines],
  operations: ['UPDATE'],
  validations: [
    {
      expression:
        'oldObject.?spec.?providerID.orValue("") == "" || object.?spec.?providerID == oldObject.?spec.?providerID',
      message: 'spec.providerID is written once',
    },
  ],
};

const name = JSON.stringify(qualifiedName);

const contents: Policy = {
  name: 'kubemark-machines-make-sense',
  kinds: [kubemarkMachines, kubemarkMachineTemplates],
  operations: ['CREATE', 'UPDATE'],
  variables: [
    {
      name: 'options',
      expression:
        "(request.kind.kind == 'KubemarkMachine' ? object.?spec : object.?spec.?template.?spec).?kubemarkOptions",
    },
    { name: 'labels', expression: 'variables.options.?nodeLabels.orValue({})' },
    { name: 'resources', expression: 'variables.options.?extendedResources.orValue({})' },
    { name: 'taints', expression: 'variables.options.?registerWithTaints.orValue([])' },
  ],
  validations: [
    {
      expression: `variables.labels.all(key, key.matches(${name}))`,
      message: 'kubemarkOptions.nodeLabels: a key is not that of a label',
    },
    {
      expression: `variables.resources.all(key, key.matches(${name}))`,
      message: 'kubemarkOptions.extendedResources: a key is not the name of a resource',
    },
    {
      expression:
        'variables.taints.all(one, variables.taints.filter(other, other.key == one.key && other.effect == one.effect).size() == 1)',
      message: 'kubemarkOptions.registerWithTaints: want each key and effect once',
    },
  ],
};

export function admissionPolicies(scope: Construct): ApiObject[] {
  return [immutability, identity, contents].flatMap((policy) => [
    policyObject(scope, policy),
    bindingObject(scope, policy),
  ]);
}

function policyObject(scope: Construct, policy: Policy): ApiObject {
  const { kinds, operations, variables, validations } = policy;
  return new ApiObject(scope, policy.name, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: policy.name, labels: commonLabels },
    spec: {
      failurePolicy: 'Fail',
      matchConstraints: {
        resourceRules: [
          {
            apiGroups: [...new Set(kinds.map(({ group }) => group))],
            apiVersions: [infrastructureVersion],
            operations,
            resources: kinds.map(({ plural }) => plural),
          },
        ],
      },
      ...(variables && { variables }),
      validations,
    },
  });
}

function bindingObject(scope: Construct, policy: Policy): ApiObject {
  return new ApiObject(scope, `${policy.name}-binding`, {
    apiVersion,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: policy.name, labels: commonLabels },
    spec: { policyName: policy.name, validationActions: ['Deny'] },
  });
}

const apiVersion = 'admissionregistration.k8s.io/v1';
