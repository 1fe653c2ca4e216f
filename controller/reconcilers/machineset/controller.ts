import type { Node } from '#api/core.ts';
import { machineSets as kind, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import { matchesSelector } from '#runtime/label-selector.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { controllerOf } from '#runtime/owner-references.ts';
import { Deletions } from './deletions.ts';
import { MachineSetReconciler } from './reconciler.ts';
import {
  isDeleting,
  machinesByController,
  machinesByNodeRef,
  orphansByNamespace,
} from './scope.ts';
import { readyCondition } from './status.ts';

export interface MachineSetControllerOptions {
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
  const { machineSets, machines, nodes, concurrency, metrics, ...deps } = options;
  const deletions = new Deletions();
  machines.addIndexes({
    [machinesByController]: (machine) => [controllerOf(machine)?.uid ?? ''],
    [orphansByNamespace]: (machine) =>
      controllerOf(machine) === undefined ? [machine.metadata.namespace ?? ''] : [],
    [machinesByNodeRef]: ({ status }) => [status?.nodeRef?.name ?? ''],
  });
  machines.addHandler(({ type, object }) => {
    if (type === 'deleted' || isDeleting(object)) deletions.seen(object);
  });
  const setsOf = (machine: Machine): ObjectKey[] => [
    ...ownerOf(machine),
    ...adoptersOf(machineSets, machine),
  ];
  return new Controller({
    name: 'machineset',
    longestBackoff,
    clock: deps.clock,
    log: deps.log,
    ...(concurrency !== undefined && { concurrency }),
    ...(metrics !== undefined && { metrics }),
    reconciler: new MachineSetReconciler({ ...deps, machineSets, machines, nodes, deletions }),
  })
    .watch(machineSets, enqueueSelf)
    .watch(machines, enqueueMapped(setsOf))
    .watch(
      nodes,
      enqueueMapped((node) =>
        machines.byIndex(machinesByNodeRef, node.metadata.name ?? '').flatMap(ownerOf),
      ),
      isNewsOfHealth,
    );
}

function ownerOf(machine: Machine): ObjectKey[] {
  const owner = controllerOf(machine);
  const isOurs = owner?.kind === kind.kind && owner.apiVersion.startsWith(`${kind.group}/`);
  return isOurs ? [{ namespace: machine.metadata.namespace ?? '', name: owner.name }] : [];
}

/** The sets that would take in a Machine that is nobody's. */
function adoptersOf(sets: Informer<MachineSet>, machine: Machine): ObjectKey[] {
  if (controllerOf(machine) !== undefined) return [];
  return sets
    .list(machine.metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec?.selector, machine.metadata.labels))
    .map(keyOf);
}

function isNewsOfHealth(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return true;
  return !isDeepEqual(health(event.old), health(event.object));
}

function health(node: Node): unknown[] {
  return [node.metadata.uid, readyCondition(node)];
}
