import type { Node } from '#api/core.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { Ownership } from '#runtime/ownership.ts';
import { Deletions } from './deletions.ts';
import { MachineSetReconciler } from './reconciler.ts';
import { isDeleting, machinesByNodeRef } from './scope.ts';
import { readyCondition } from './status.ts';

export interface MachineSetControllerOptions {
  /** In logs and metrics. */
  name: string;
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  machineSets: Informer<MachineSet>;
  machines: Informer<Machine>;
  nodes: Informer<Node>;
  concurrency?: number;
}

/** Milliseconds: who raises a quota does not want to wait for longer. */
const longestBackoff = 60_000;

/** Not started; adds its indexes to the informer of Machines. */
export function machineSetController(options: MachineSetControllerOptions): Controller {
  const { name, machineSets, machines, nodes, concurrency, metrics, ...deps } = options;
  const deletions = new Deletions();
  const { client, events } = deps;
  const ownership = new Ownership({
    client,
    events,
    owners: machineSets,
    owned: machines,
  });
  machines.addIndexes({ [machinesByNodeRef]: ({ status }) => [status?.nodeRef?.name ?? ''] });
  machines.addHandler(({ type, object }) => {
    if (type === 'deleted' || isDeleting(object)) deletions.seen(object);
  });
  return new Controller({
    name,
    longestBackoff,
    clock: deps.clock,
    log: deps.log,
    ...(concurrency !== undefined && { concurrency }),
    ...(metrics !== undefined && { metrics }),
    reconciler: new MachineSetReconciler({
      ...deps,
      machineSets,
      machines,
      nodes,
      ownership,
      deletions,
    }),
  })
    .watch(machineSets, enqueueSelf)
    .watch(
      machines,
      enqueueMapped((machine) => ownership.ownersOf(machine)),
    )
    .watch(
      nodes,
      enqueueMapped((node) =>
        machines
          .byIndex(machinesByNodeRef, node.metadata.name ?? '')
          .flatMap((machine) => ownership.ownersOf(machine)),
      ),
      isNewsOfHealth,
    );
}

function isNewsOfHealth(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return true;
  return !isDeepEqual(health(event.old), health(event.object));
}

function health(node: Node): unknown[] {
  return [node.metadata.uid, readyCondition(node)];
}
