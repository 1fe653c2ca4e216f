/**
 * The one program by its several names: as `manager` it runs all controllers; the machine-api-operator
 * starts one for each of the paths below, in one Pod, so each has ports and a Lease of its own.
 * Source: openshift/machine-api-operator, pkg/operator/sync.go and cmd/.
 */
import { basename } from 'node:path';
import { withDefaults } from '#runtime/flags.ts';
import { program as manager, type ManagerOptions } from './options.ts';

type Defaults = Partial<ManagerOptions>;

const second = 1000;

/** OpenShift's, which outlast a minute without an API server (library-go, LeaderElectionDefaulting). */
const patientElection: Defaults = {
  'leader-elect-lease-duration': 137 * second,
  'leader-elect-renew-deadline': 107 * second,
  'leader-elect-retry-period': 26 * second,
};

function variant(name: string, description: string, defaults: Defaults): typeof manager {
  return { ...withDefaults(manager, { ...patientElection, ...defaults }), name, description };
}

export const programs: readonly (typeof manager)[] = [
  manager,
  variant(
    'machine-controller-manager',
    'Launches a hollow-node Pod for each Machine and removes it with the Machine, and Nodes without either; makes Machines fail on demand.',
    {
      controllers: ['machine', 'orphannode', 'faultinjection'],
      'leader-elect-resource-name': 'cluster-api-provider-kubemark-leader',
      'health-addr': ':9440',
      'metrics-addr': ':8081',
    },
  ),
  variant('machineset-controller', 'Keeps as many Machines as MachineSets ask for.', {
    controllers: ['machineset'],
    'leader-elect-resource-name': 'cluster-api-provider-machineset-leader',
    'health-addr': ':9441',
    'metrics-addr': ':8082',
  }),
  variant('nodelink-controller', 'Tells Machines and Nodes of each other.', {
    controllers: ['nodelink'],
    'leader-elect-resource-name': 'cluster-api-provider-nodelink-leader',
    'health-addr': '0',
    'metrics-addr': '0',
  }),
  variant('machine-healthcheck', 'Replaces Machines whose Nodes are not well.', {
    controllers: ['machinehealthcheck'],
    'leader-elect-resource-name': 'cluster-api-provider-healthcheck-leader',
    'health-addr': ':9442',
    'metrics-addr': ':8083',
  }),
];

/** The program that a file is called as; any other name means the manager. */
export function programCalled(path: string): typeof manager {
  return programs.find(({ name }) => name === basename(path)) ?? manager;
}
