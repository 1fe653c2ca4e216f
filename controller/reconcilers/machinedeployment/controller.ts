import {
  machineDeployments as kind,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { controllerOf } from '#runtime/owner-references.ts';
import { MachineDeploymentReconciler } from './reconciler.ts';
import { isSelectedBy, orphansByNamespace, setsByController } from './scope.ts';

export interface MachineDeploymentControllerOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  machineDeployments: Informer<MachineDeployment>;
  machineSets: Informer<MachineSet>;
}

/** Milliseconds: who corrects a quota does not want to wait for longer. */
const longestBackoff = 60_000;

/** Not started; adds its indexes to the informer of MachineSets. */
export function machineDeploymentController(
  options: MachineDeploymentControllerOptions,
): Controller {
  const { machineDeployments, machineSets, metrics, ...deps } = options;
  machineSets.addIndexes({
    [setsByController]: (set) => [controllerOf(set)?.uid ?? ''],
    [orphansByNamespace]: (set) =>
      controllerOf(set) === undefined ? [set.metadata.namespace ?? ''] : [],
  });
  return new Controller({
    name: 'machinedeployment',
    longestBackoff,
    clock: deps.clock,
    log: deps.log,
    ...(metrics !== undefined && { metrics }),
    reconciler: new MachineDeploymentReconciler({ ...deps, machineDeployments, machineSets }),
  })
    .watch(machineDeployments, enqueueSelf)
    .watch(
      machineSets,
      enqueueMapped((set) => [...ownerOf(set), ...adoptersOf(machineDeployments, set)]),
    );
}

function ownerOf(set: MachineSet): ObjectKey[] {
  const owner = controllerOf(set);
  const isOurs = owner?.kind === kind.kind && owner.apiVersion.startsWith(`${kind.group}/`);
  return isOurs ? [{ namespace: set.metadata.namespace ?? '', name: owner.name }] : [];
}

/** The deployments that would take in a set that is nobody's. */
function adoptersOf(deployments: Informer<MachineDeployment>, set: MachineSet): ObjectKey[] {
  if (controllerOf(set) !== undefined) return [];
  return deployments
    .list(set.metadata.namespace)
    .filter((deployment) => isSelectedBy(deployment, set))
    .map(keyOf);
}
