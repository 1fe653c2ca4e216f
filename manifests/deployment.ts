import { k8s } from 'cdk8s-plus-25';
import type { Construct } from 'constructs';
import { infrastructureManager, manager } from './grants.ts';
import {
  deploymentName,
  images,
  infrastructureDeploymentName,
  infrastructureManagerLabels,
  managerLabels,
  ports,
} from './names.ts';

/** The manager. One: without the leader-election component two would work against each other. */
export function deployment(scope: Construct): k8s.KubeDeployment {
  const container = managerContainer;
  return managerDeployment(scope, deploymentName, manager, managerLabels, container);
}

/** The provider of Cluster API: the same program with other controllers. */
export function infrastructureDeployment(scope: Construct): k8s.KubeDeployment {
  return managerDeployment(
    scope,
    infrastructureDeploymentName,
    infrastructureManager,
    infrastructureManagerLabels,
    {
      ...managerContainer,
      args: [
        ...(managerContainer.args ?? []),
        '--controllers=kubemarkmachine,kubemarkmachinetemplate,kubemarkcluster',
      ],
    },
  );
}

function managerDeployment(
  scope: Construct,
  name: string,
  account: { name: string; namespace: string },
  labels: Record<string, string>,
  container: k8s.Container,
): k8s.KubeDeployment {
  return new k8s.KubeDeployment(scope, name, {
    metadata: { name, namespace: account.namespace, labels },
    spec: {
      replicas: 1,
      // The old one goes first. Not `Recreate`: kubectl could not take back what a component changes there.
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: {
          maxSurge: k8s.IntOrString.fromNumber(0),
          maxUnavailable: k8s.IntOrString.fromNumber(1),
        },
      },
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          annotations: { 'kubectl.kubernetes.io/default-container': 'manager' },
        },
        spec: {
          serviceAccountName: account.name,
          automountServiceAccountToken: true,
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 10,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: nobody,
            runAsGroup: nobody,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          // Hollow nodes have a taint of their own: the manager never lands on what it has made.
          tolerations: ['control-plane', 'master'].map((role) => ({
            key: `node-role.kubernetes.io/${role}`,
            operator: 'Exists',
            effect: 'NoSchedule',
          })),
          containers: [container],
        },
      },
    },
  });
}

/** The user of images without root, as in distroless ones. */
const nobody = 65532;

/** Variables of their own, not parts of arguments: so `images:` of a kustomization can replace them. */
const hollowNodeImage = 'HOLLOW_NODE_IMAGE';
const faultProxyImage = 'FAULT_PROXY_IMAGE';

/** The command is the image's. */
export const managerContainer: k8s.Container = {
  name: 'manager',
  image: images.controller,
  imagePullPolicy: 'IfNotPresent',
  args: [
    `--hollow-node-image=$(${hollowNodeImage})`, // a kubelet puts the variable's value there
    `--fault-proxy-image=$(${faultProxyImage})`,
    `--health-addr=:${ports.health.number}`,
    `--metrics-addr=:${ports.metrics.number}`,
  ],
  env: [
    { name: hollowNodeImage, value: images.hollowNode },
    { name: faultProxyImage, value: images.faultProxy },
  ],
  ports: Object.values(ports).map(({ name, number }) => ({ name, containerPort: number })),
  livenessProbe: probe('/healthz', { periodSeconds: 20 }),
  readinessProbe: probe('/readyz', { periodSeconds: 5 }),
  resources: {
    requests: {
      cpu: k8s.Quantity.fromString('50m'),
      memory: k8s.Quantity.fromString('128Mi'),
    },
    // Well above what thousands of Machines take; processor time is not limited, only shared.
    limits: { memory: k8s.Quantity.fromString('512Mi') },
  },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  },
};

function probe(path: string, times: { periodSeconds: number }): k8s.Probe {
  return {
    httpGet: { path, port: k8s.IntOrString.fromString(ports.health.name) },
    timeoutSeconds: 5,
    ...times,
  };
}
