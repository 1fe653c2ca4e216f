import type { MachineDeployment } from '#api/machine/v1beta1/machine-deployment.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Informer } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { Ownership } from '#runtime/ownership.ts';
import { MachineDeploymentReconciler } from './reconciler.ts';

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
  const { client, events } = deps;
  const ownership = new Ownership({
    client,
    events,
    owners: machineDeployments,
    owned: machineSets,
  });
  return new Controller({
    name: 'machinedeployment',
    longestBackoff,
    clock: deps.clock,
    log: deps.log,
    ...(metrics !== undefined && { metrics }),
    reconciler: new MachineDeploymentReconciler({
      ...deps,
      machineDeployments,
      machineSets,
      ownership,
    }),
  })
    .watch(machineDeployments, enqueueSelf)
    .watch(
      machineSets,
      enqueueMapped((set) => ownership.ownersOf(set)),
    );
}
