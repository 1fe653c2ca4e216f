import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { commonLabels, deploymentName, managerLabels, systemNamespace } from './names.ts';

/** A drain waits until another manager is ready to lead. */
export function disruptionBudget(scope: Construct): k8s.KubePodDisruptionBudget {
  return new k8s.KubePodDisruptionBudget(scope, 'disruption-budget', {
    metadata: { name: deploymentName, namespace: systemNamespace, labels: commonLabels },
    spec: {
      selector: { matchLabels: managerLabels },
      minAvailable: k8s.IntOrString.fromNumber(1),
    },
  });
}
