import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { machineUIDLabel } from '#api/machine/v1beta1/labels.ts';
import {
  commonLabels,
  deploymentName,
  hollowNodeName,
  managerLabels,
  podNamespace,
  ports,
  systemNamespace,
} from './names.ts';

/** Where API servers listen: a policy cannot name them otherwise. kubeadm and kind 6443, minikube 8443. */
const apiServerPorts = [443, 6443, 8443];

/** Where a kubelet listens, hollow or not: for API servers. */
const kubeletPort = 10250;

/** Everybody may ask the manager how it is; it talks to nobody but the API server. */
export function managerNetworkPolicy(scope: Construct): k8s.KubeNetworkPolicy {
  const asked = Object.values(ports).map(({ name }) => k8s.IntOrString.fromString(name));
  return policy(scope, {
    name: deploymentName,
    namespace: systemNamespace,
    podSelector: { matchLabels: managerLabels },
    asked,
  });
}

export function hollowNodeNetworkPolicy(scope: Construct): k8s.KubeNetworkPolicy {
  return policy(scope, {
    name: hollowNodeName,
    namespace: podNamespace,
    podSelector: { matchExpressions: [{ key: machineUIDLabel, operator: 'Exists' }] },
    asked: [k8s.IntOrString.fromNumber(kubeletPort)],
  });
}

interface Policy {
  name: string;
  namespace: string;
  podSelector: k8s.LabelSelector;
  /** Where these Pods are asked. */
  asked: k8s.IntOrString[];
}

function policy(
  scope: Construct,
  { name, namespace, podSelector, asked }: Policy,
): k8s.KubeNetworkPolicy {
  return new k8s.KubeNetworkPolicy(scope, name, {
    metadata: { name, namespace, labels: commonLabels },
    spec: {
      podSelector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: asked.map(tcp) }],
      egress: [{ ports: apiServerPorts.map((port) => tcp(k8s.IntOrString.fromNumber(port))) }],
    },
  });
}

function tcp(port: k8s.IntOrString): k8s.NetworkPolicyPort {
  return { protocol: 'TCP', port };
}
