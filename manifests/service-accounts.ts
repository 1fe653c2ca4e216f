import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { hollowNode, infrastructureManager, manager } from './grants.ts';
import { commonLabels } from './names.ts';

export function serviceAccounts(scope: Construct): k8s.KubeServiceAccount[] {
  return [
    serviceAccount(scope, manager, { automountServiceAccountToken: false }),
    // Hollow-node Pods, also those of the original, do not ask for the token.
    serviceAccount(scope, hollowNode),
  ];
}

export function infrastructureServiceAccount(scope: Construct): k8s.KubeServiceAccount {
  return serviceAccount(scope, infrastructureManager, { automountServiceAccountToken: false });
}

/** A Pod gets the token when it asks for it. */
function serviceAccount(
  scope: Construct,
  { name, namespace }: { name: string; namespace: string },
  more: { automountServiceAccountToken?: boolean } = {},
): k8s.KubeServiceAccount {
  return new k8s.KubeServiceAccount(scope, name, {
    metadata: { name, namespace, labels: commonLabels },
    ...more,
  });
}
