/** The controllers by the names that `--controllers` knows. */
import { machineGroups, type MachineGroup } from '#api/machine-groups.ts';
import { faultInjectionController } from '#controller/reconcilers/faultinjection/controller.ts';
import { machineController } from '#controller/reconcilers/machine/controller.ts';
import { machineHealthCheckController } from '#controller/reconcilers/machinehealthcheck/controller.ts';
import { nodeLinkController } from '#controller/reconcilers/nodelink/controller.ts';
import { machineDeploymentController } from '#controller/reconcilers/machinedeployment/controller.ts';
import { machineSetController } from '#controller/reconcilers/machineset/controller.ts';
import { orphanNodeController } from '#controller/reconcilers/orphannode/controller.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { clusterAPIControllers } from './cluster-api-controllers.ts';
import type { ClusterAPIControllerName, ControllerName } from './controller-names.ts';
import { isEnabled } from './controller-names.ts';
import type { Informers } from './informers.ts';
import { defaultMachineGroup } from './machine-group-names.ts';
import type { ManagerOptions } from './options.ts';

/** What controllers are made of. */
export interface Parts {
  base: { client: Client; clock: Clock; log: Logger; metrics: Metrics; events: EventRecorder };
  informers: Informers;
  options: ManagerOptions;
}

/** Of which kinds a controller is, and what logs and metrics call it. */
type Instance = MachineGroup & { name: string };

/** Needs the Machines of all groups: what one does not know may be another's. */
const orphanNodes = 'orphannode';

type NameInGroup = Exclude<ControllerName, typeof orphanNodes | ClusterAPIControllerName>;

/** Each makes the controller of one API group, or none where the group lacks its kind. */
const makers: Record<NameInGroup, (parts: Parts, of: Instance) => Controller | undefined> = {
  machine: ({ base, informers, options }, { name, machines }) => {
    const hollowNodeImage = options['hollow-node-image'];
    const faultProxyImage = options['fault-proxy-image'];
    return machineController({
      ...base,
      name,
      machines: informers.machines(machines),
      pods: informers.pods(),
      nodes: informers.nodes(),
      namespace: options.namespace,
      podNamespace: options['pod-namespace'],
      concurrency: options['machine-concurrency'],
      ...(hollowNodeImage !== '' && { hollowNodeImage }),
      ...(faultProxyImage !== '' && { faultProxyImage }),
    });
  },
  nodelink: ({ base, informers, options }, { name, machines }) =>
    nodeLinkController({
      ...base,
      name,
      machines: informers.machines(machines),
      nodes: informers.nodes(),
      namespace: options.namespace,
    }),
  machinehealthcheck: ({ base, informers }, { machineHealthChecks, machines }) =>
    machineHealthChecks &&
    machineHealthCheckController({
      ...base,
      checks: informers.machineHealthChecks(machineHealthChecks),
      machines: informers.machines(machines),
      nodes: informers.nodes(),
    }),
  faultinjection: ({ base, informers }, { name, machines }) =>
    faultInjectionController({
      ...base,
      name,
      machines: informers.machines(machines),
      nodes: informers.nodes(),
    }),
  machineset: ({ base, informers, options }, { name, machineSets, machines }) =>
    machineSetController({
      ...base,
      name,
      machineSets: informers.machineSets(machineSets),
      machines: informers.machines(machines),
      nodes: informers.nodes(),
      concurrency: options['machineset-concurrency'],
    }),
  machinedeployment: ({ base, informers }, { machineDeployments, machineSets }) =>
    machineDeployments &&
    machineDeploymentController({
      ...base,
      machineDeployments: informers.machineDeployments(machineDeployments),
      machineSets: informers.machineSets(machineSets),
    }),
};

/** Those that the options want, not started. */
export function controllers(parts: Parts): Controller[] {
  const { options } = parts;
  const enabled = Object.entries(makers).filter(([name]) => isEnabled(name, options.controllers));
  const ofGroups = options['machine-api-groups'].flatMap((group) =>
    enabled.flatMap(([name, make]) => {
      const instance = { ...machineGroups[group], name: nameIn(group, name) };
      return make(parts, instance) ?? [];
    }),
  );
  return [
    ...ofGroups,
    ...(isEnabled(orphanNodes, options.controllers) ? [orphanNodesOf(parts)] : []),
    ...clusterAPIControllers(parts),
  ];
}

function orphanNodesOf({ base, informers, options }: Parts): Controller {
  return orphanNodeController({
    ...base,
    nodes: informers.nodes(),
    pods: informers.pods(),
    machines: options['machine-api-groups'].map((group) =>
      informers.machines(machineGroups[group].machines),
    ),
    namespace: options.namespace,
    gracePeriod: options['orphan-node-grace-period'],
  });
}

/** One group at least has the plain names, which dashboards know. */
function nameIn(group: string, name: string): string {
  return group === defaultMachineGroup ? name : `${name}.${group}`;
}
