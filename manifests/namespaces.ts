import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { commonLabels, infrastructureNamespace, podNamespace, systemNamespace } from './names.ts';

/** Nothing of ours needs more than the strictest Pod security standard allows. */
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' };

export function namespaces(scope: Construct): k8s.KubeNamespace[] {
  return [systemNamespace, podNamespace].map((name) => namespace(scope, name));
}

export function infrastructureNamespaces(scope: Construct): k8s.KubeNamespace {
  return namespace(scope, infrastructureNamespace);
}

function namespace(scope: Construct, name: string): k8s.KubeNamespace {
  return new k8s.KubeNamespace(scope, name, {
    metadata: { name, labels: { ...commonLabels, ...restricted } },
  });
}
