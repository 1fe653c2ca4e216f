/**
 * Who may do what. Each verb is one that the program was seen to use, and no program used another:
 * test/real/rbac.test.ts holds both.
 */
import { clusterAPIGroup } from '#api/cluster-api/core.ts';
import { kubemarkClusters } from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { kubemarkMachineTemplates } from '#api/infrastructure/v1alpha4/kubemark-machine-template.ts';
import { kubemarkMachines } from '#api/infrastructure/v1alpha4/kubemark-machine.ts';
import type { Kind } from '#api/kind.ts';
import { machineDeployments } from '#api/machine/v1beta1/machine-deployment.ts';
import { machineHealthChecks } from '#api/machine/v1beta1/machine-health-check.ts';
import { machineGroups, type MachineGroup } from '#api/machine-groups.ts';
import { serviceAccountName } from '#controller/hollow-pod/pod.ts';
import {
  clusterK8sIoName,
  hollowNodeName,
  infrastructureName,
  infrastructureNamespace,
  kubemarkName,
  leaderElectionName,
  leaseName,
  managerName,
  podNamespace,
  systemNamespace,
} from './names.ts';
import type { Grant, Rule } from './roles.ts';

/** The manager's ServiceAccount. */
export const manager = { name: managerName, namespace: systemNamespace };

/** The ServiceAccount of the manager for Cluster API. */
export const infrastructureManager = {
  name: infrastructureName,
  namespace: infrastructureNamespace,
};

/** The ServiceAccount of hollow-node Pods. */
export const hollowNode = { name: serviceAccountName, namespace: podNamespace };

/** What every API group with Machines has. */
function machineRules({ machines, machineSets }: MachineGroup): Rule[] {
  const { group } = machines;
  return [
    {
      group,
      resource: machines.plural,
      verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
    },
    { group, resource: `${machines.plural}/status`, verbs: ['patch'] },
    { group, resource: machineSets.plural, verbs: ['get', 'list', 'watch'] },
    { group, resource: `${machineSets.plural}/status`, verbs: ['patch'] },
    blockingRule(machineSets),
  ];
}

/** For owner references that hold up a foreground deletion, where admission asks who may (OpenShift). */
function blockingRule({ group, plural }: Kind): Rule {
  return { group, resource: `${plural}/finalizers`, verbs: ['update'] };
}

const openShift = machineGroups['machine.openshift.io'];
const { group, plural: deployments } = machineDeployments;

export const managerGrants: readonly Grant[] = [
  {
    name: managerName,
    subject: manager,
    rules: [
      ...machineRules(openShift),
      {
        group,
        resource: openShift.machineSets.plural,
        verbs: ['create', 'patch', 'delete'], // by MachineDeployments
      },
      { group, resource: deployments, verbs: ['get', 'list', 'watch', 'patch'] },
      { group, resource: `${deployments}/status`, verbs: ['patch'] },
      blockingRule(machineDeployments),
      { group, resource: machineHealthChecks.plural, verbs: ['list', 'watch'] },
      { group, resource: `${machineHealthChecks.plural}/status`, verbs: ['patch'] },
      { group: '', resource: 'nodes', verbs: ['get', 'list', 'watch', 'patch', 'delete'] },
      // What runs on a Node before it goes: anywhere.
      { group: '', resource: 'pods', verbs: ['list'] },
      { group: '', resource: 'pods/eviction', verbs: ['create'] },
      // Events are where their Machine is: anywhere.
      { group: '', resource: 'events', verbs: ['create', 'patch'] },
    ],
  },
  {
    name: managerName,
    namespace: podNamespace,
    subject: manager,
    rules: [{ group: '', resource: 'pods', verbs: ['get', 'list', 'watch', 'create', 'delete'] }],
  },
];

/** What a manager that keeps Machines of `cluster.k8s.io` needs on top. */
export const clusterK8sIoGrants: readonly Grant[] = [
  {
    name: clusterK8sIoName,
    subject: manager,
    rules: machineRules(machineGroups['cluster.k8s.io']),
  },
];

const infrastructureKinds = [kubemarkMachines, kubemarkMachineTemplates, kubemarkClusters];

/**
 * Pods and Secrets live beside their KubemarkMachines, so anywhere; but Secrets cannot be listed, and
 * nothing of core's can be written.
 */
export const infrastructureGrants: readonly Grant[] = [
  {
    name: infrastructureName,
    subject: infrastructureManager,
    rules: [
      ...infrastructureKinds.flatMap(({ group: own, plural: resource }): Rule[] => [
        { group: own, resource, verbs: ['list', 'watch'] },
        { group: own, resource: `${resource}/status`, verbs: ['patch'] },
      ]),
      { group: kubemarkMachines.group, resource: kubemarkMachines.plural, verbs: ['patch'] },
      blockingRule(kubemarkMachines),
      { group: clusterAPIGroup, resource: 'machines', verbs: ['list', 'watch'] },
      { group: clusterAPIGroup, resource: 'clusters', verbs: ['list', 'watch'] },
      {
        group: '',
        resource: 'pods',
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
      },
      { group: '', resource: 'secrets', verbs: ['get', 'create', 'patch', 'delete'] },
      { group: '', resource: 'events', verbs: ['create', 'patch'] },
    ],
  },
];

export const hollowNodeGrants: readonly Grant[] = [
  {
    name: hollowNodeName,
    subject: hollowNode,
    rules: [
      { group: '', resource: 'nodes', verbs: ['get', 'list', 'watch', 'create'] },
      { group: '', resource: 'nodes/status', verbs: ['patch'] },
      // The Pods that are scheduled to it, in all namespaces.
      { group: '', resource: 'pods', verbs: ['list', 'watch', 'delete'] },
      { group: '', resource: 'pods/status', verbs: ['patch'] },
    ],
  },
  {
    name: hollowNodeName,
    namespace: 'kube-node-lease',
    subject: hollowNode,
    rules: [
      { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'create', 'update'] },
    ],
  },
];

/**
 * What a real kubemark asks for on top, measured with 1.20: its kubelet keeps the Secrets and
 * ConfigMaps of its Pods, and `--morph=proxy` follows Services.
 */
export const kubemarkGrants: readonly Grant[] = [
  {
    name: kubemarkName,
    subject: hollowNode,
    rules: [
      { group: '', resource: 'pods', verbs: ['get'] },
      { group: '', resource: 'secrets', verbs: ['list', 'watch'] },
      { group: '', resource: 'configmaps', verbs: ['list', 'watch'] },
      { group: '', resource: 'services', verbs: ['list', 'watch'] },
      { group: '', resource: 'endpoints', verbs: ['list', 'watch'] },
      { group: '', resource: 'events', verbs: ['create'] },
      { group: 'node.k8s.io', resource: 'runtimeclasses', verbs: ['list', 'watch'] },
      { group: 'storage.k8s.io', resource: 'csidrivers', verbs: ['list', 'watch'] },
      { group: 'storage.k8s.io', resource: 'csinodes', verbs: ['get', 'create'] },
    ],
  },
];

export const leaderElectionGrants: readonly Grant[] = [
  {
    name: leaderElectionName,
    namespace: systemNamespace,
    subject: manager,
    rules: [
      // What does not exist yet has no name that a rule could ask for.
      { group: 'coordination.k8s.io', resource: 'leases', verbs: ['create'] },
      {
        group: 'coordination.k8s.io',
        resource: 'leases',
        verbs: ['get', 'update'],
        names: [leaseName],
      },
    ],
  },
];
