import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { commonLabels, podNamespace, systemNamespace } from './names.ts';

/** Nothing of ours needs more than the strictest Pod security standard allows. */
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

export function namespaces(scope: Construct): k8s.KubeNamespace[] {
  return [systemNamespace, podNamespace].map(
    (name) =>
      new k8s.KubeNamespace(scope, name, {
        metadata: { name, labels: { ...commonLabels, ...restricted } },
      }),
  );
}
