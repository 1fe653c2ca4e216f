import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { commonLabels, deploymentName, managerLabels, ports, systemNamespace } from './names.ts';

export function metricsService(scope: Construct): k8s.KubeService {
  const { name, number } = ports.metrics;
  return new k8s.KubeService(scope, 'metrics', {
    metadata: {
      name: `${deploymentName}-metrics`,
      namespace: systemNamespace,
      labels: commonLabels,
    },
    spec: {
      selector: managerLabels,
      ports: [{ name, port: number, targetPort: k8s.IntOrString.fromString(name) }],
    },
  });
}

/** For the Prometheus operator, whose kind it is. Standbys are asked too: they tell that they wait. */
export function podMonitor(scope: Construct): ApiObject {
  return new ApiObject(scope, 'pod-monitor', {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'PodMonitor',
    metadata: { name: deploymentName, namespace: systemNamespace, labels: commonLabels },
    spec: {
      selector: { matchLabels: managerLabels },
      podMetricsEndpoints: [{ port: ports.metrics.name }],
    },
  });
}
