/** Everything that `kustomize/` builds on, as files: `npm run generate` writes them. */
import { App, Chart } from 'cdk8s';
import type { Construct } from 'constructs';
import { stringify } from 'yaml';
import { customKinds } from '#api/kinds.ts';
import { admissionPolicies } from './admission-policies.ts';
import { crd } from './crds.ts';
import { deployment, infrastructureDeployment } from './deployment.ts';
import { disruptionBudget } from './disruption-budget.ts';
import {
  clusterK8sIoGrants,
  hollowNodeGrants,
  infrastructureGrants,
  kubemarkGrants,
  leaderElectionGrants,
  managerGrants,
} from './grants.ts';
import { metricsService, podMonitor } from './monitoring.ts';
import { infrastructureNamespaces, namespaces } from './namespaces.ts';
import { hollowNodeNetworkPolicy, managerNetworkPolicy } from './network-policies.ts';
import { grant, type Grant } from './roles.ts';
import { infrastructureServiceAccount, serviceAccounts } from './service-accounts.ts';

/** Adds objects to a file. */
type Subject = (scope: Construct) => unknown;

/** The kinds of one API group. */
function crds(group: string): Record<string, Subject[]> {
  const kinds = customKinds.filter((kind) => kind.group === group);
  return Object.fromEntries(
    kinds.map((kind) => [`${kind.group}_${kind.plural}.yaml`, [(scope) => crd(scope, kind)]]),
  );
}

const controller: Record<string, Subject[]> = {
  'namespaces.yaml': [namespaces],
  'rbac.yaml': [serviceAccounts, ...rights([...managerGrants, ...hollowNodeGrants])],
  'deployment.yaml': [deployment],
  'service.yaml': [metricsService],
};

/** The generated parts of components; their kustomizations, with patches, are written by hand. */
const components: Record<string, Subject[]> = {
  'admission-policies/admission-policies.yaml': [admissionPolicies],
  ...within('cluster-k8s-io', crds('cluster.k8s.io')),
  'cluster-k8s-io/rbac.yaml': rights(clusterK8sIoGrants),
  'kubemark/rbac.yaml': rights(kubemarkGrants),
  'leader-election/rbac.yaml': rights(leaderElectionGrants),
  'leader-election/disruption-budget.yaml': [disruptionBudget],
  'metrics/pod-monitor.yaml': [podMonitor],
  'network-policy/network-policies.yaml': [managerNetworkPolicy, hollowNodeNetworkPolicy],
};

function rights(grants: readonly Grant[]): Subject[] {
  return grants.map((one) => (scope) => grant(scope, one));
}

function within(parent: string, files: Record<string, Subject[]>): Record<string, Subject[]> {
  return Object.fromEntries(
    Object.entries(files).map(([name, subjects]) => [`${parent}/${name}`, subjects]),
  );
}

/** YAML by path below `kustomize/`. */
export function manifestFiles(): Map<string, string> {
  return new Map([
    ...folder('base/crds', crds('machine.openshift.io')),
    ...folder('base/infrastructure', {
      ...crds('infrastructure.cluster.x-k8s.io'),
      'namespace.yaml': [infrastructureNamespaces],
      'rbac.yaml': [infrastructureServiceAccount, ...rights(infrastructureGrants)],
      'deployment.yaml': [infrastructureDeployment],
    }),
    ...folder('base/controller', controller),
    ...Object.entries(components).map(([path, subjects]): [string, string] => [
      `components/${path}`,
      objects(subjects),
    ]),
  ]);
}

/** A folder that can be built by itself. */
function folder(path: string, files: Record<string, Subject[]>): [string, string][] {
  return [
    [`${path}/kustomization.yaml`, kustomization(Object.keys(files))],
    ...Object.entries(files).map(([name, subjects]): [string, string] => [
      `${path}/${name}`,
      objects(subjects),
    ]),
  ];
}

function kustomization(resources: string[]): string {
  const apiVersion = 'kustomize.config.k8s.io/v1beta1';
  return stringify({ apiVersion, kind: 'Kustomization', resources });
}

function objects(subjects: readonly Subject[]): string {
  const chart = new Chart(new App(), 'manifests');
  for (const add of subjects) add(chart);
  return chart
    .toJson()
    .map((object: unknown) => stringify(object, { aliasDuplicateObjects: false }))
    .join('---\n');
}
