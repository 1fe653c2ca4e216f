import type { Node } from '#api/core.ts';
import type { MachineHealthCheck } from '#api/machine/v1beta1/machine-health-check.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { MachineHealthCheckReconciler } from './reconciler.ts';
import { selects } from './scope.ts';

export interface MachineHealthCheckControllerOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  checks: Informer<MachineHealthCheck>;
  machines: Informer<Machine>;
  nodes: Informer<Node>;
}

/** Index of Machines by the name of the Node in their `status.nodeRef`. */
const byNodeRef = 'machinehealthcheck.nodeRef';

/** Not started; adds its index to the informer of Machines. */
export function machineHealthCheckController(
  options: MachineHealthCheckControllerOptions,
): Controller {
  const { client, clock, log, events, metrics, checks, machines, nodes } = options;
  machines.addIndexes({
    [byNodeRef]: ({ status }) => (status?.nodeRef?.name ? [status.nodeRef.name] : []),
  });
  const checksOf = (machine: Machine): ObjectKey[] =>
    checks
      .list(machine.metadata.namespace)
      .filter((check) => selects(check, machine))
      .map(keyOf);
  const deps = { client, clock, events, checks, machines, nodes };
  return new Controller({
    clock,
    log,
    name: 'machinehealthcheck',
    reconciler: new MachineHealthCheckReconciler(deps),
    ...(metrics && { metrics }),
  })
    .watch(checks, enqueueSelf)
    .watch(machines, enqueueMapped(checksOf))
    .watch(
      nodes,
      enqueueMapped((node) =>
        machines.byIndex(byNodeRef, node.metadata.name ?? '').flatMap(checksOf),
      ),
      isNewsOfHealth,
    );
}

function isNewsOfHealth(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return true;
  return !isDeepEqual(health(event.old), health(event.object));
}

function health({ status }: Node): unknown[] {
  return (status?.conditions ?? []).map(({ type, status: value, lastTransitionTime }) => [
    type,
    value,
    lastTransitionTime,
  ]);
}
