import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { hollowNode, manager } from './grants.ts';
import { commonLabels } from './names.ts';

export function serviceAccounts(scope: Construct): k8s.KubeServiceAccount[] {
  return [manager, hollowNode].map(
    ({ name, namespace }) =>
      new k8s.KubeServiceAccount(scope, name, {
        metadata: { name, namespace, labels: commonLabels },
        // A Pod gets the token when it asks for it; hollow-node Pods, also those of the original, do not ask.
        ...(name === manager.name && { automountServiceAccountToken: false }),
      }),
  );
}
