import type { Node, Pod } from '#api/core.ts';
import { machineAnnotation, machineUIDLabel } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { keyOf, parseKey } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { OwnStatuses } from './own-status.ts';
import { MachineReconciler } from './reconciler.ts';
import { nodeNamesOf, podsByMachineName, podsByMachineUID, type MachineOptions } from './scope.ts';

export interface MachineControllerOptions extends MachineOptions {
  /** In logs and metrics. */
  name: string;
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  machines: Informer<Machine>;
  /** Of hollow nodes. */
  pods: Informer<Pod>;
  nodes: Informer<Node>;
  /** That of the Machines, if not all are watched. */
  namespace?: string;
  concurrency?: number;
}

/** Milliseconds: who creates a missing namespace does not want to wait for longer. */
const longestBackoff = 60_000;

/** Index of Machines by the names of the Nodes whose changes concern them. */
const machinesByNode = 'node';

/** Not started; adds its indexes to the informers. */
export function machineController(options: MachineControllerOptions): Controller {
  const { client, clock, log, events, machines, pods, nodes, podNamespace } = options;
  const { hollowNodeImage, faultProxyImage } = options;
  const annotation = machineAnnotation(machines.kind);
  machines.addIndexes({ [machinesByNode]: nodeNamesOf });
  pods.addIndexes({
    [podsByMachineUID]: uidOfMachine,
    [podsByMachineName(machines.kind)]: (pod) => [pod.metadata.annotations?.[annotation] ?? ''],
  });
  const ownStatuses = new OwnStatuses(clock);
  const controller = new Controller({
    clock,
    log,
    name: options.name,
    longestBackoff,
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    ...(options.metrics !== undefined && { metrics: options.metrics }),
    reconciler: new MachineReconciler({
      client,
      clock,
      events,
      machines,
      pods,
      nodes,
      ownStatuses,
      options: {
        podNamespace,
        ...(hollowNodeImage !== undefined && { hollowNodeImage }),
        ...(faultProxyImage !== undefined && { faultProxyImage }),
      },
    }),
  });
  return controller
    .watch(machines, enqueueSelf, (event) => isOfInterest(event, ownStatuses))
    .watch(
      pods,
      enqueueMapped(({ metadata: { annotations } }) => {
        const key = parseKey(annotations?.[annotation] ?? '');
        return isOurs(key, options.namespace) ? [key] : [];
      }),
    )
    .watch(
      nodes,
      enqueueMapped((node) =>
        machines.byIndex(machinesByNode, node.metadata.name ?? '').map(keyOf),
      ),
      isMoreThanHealth,
    );
}

/** All but our own status patches. A resync is the same version twice. */
function isOfInterest(event: InformerEvent<Machine>, ownStatuses: OwnStatuses): boolean {
  if (event.type !== 'updated' || event.old === event.object) return true;
  const { old, object } = event;
  return !isDeepEqual(wishes(old), wishes(object)) || ownStatuses.isToBeCorrected(old, object);
}

/** What others may change to make us act. */
function wishes({ metadata, spec, status }: Machine): object {
  const { labels, annotations, finalizers, deletionTimestamp } = metadata;
  return { spec, labels, annotations, finalizers, deletionTimestamp, nodeRef: status?.nodeRef };
}

function isMoreThanHealth(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return true;
  return !isDeepEqual(identity(event.old), identity(event.object));
}

/** What a Machine takes over from its Node. */
function identity({ metadata, spec, status }: Node): unknown[] {
  return [metadata.uid, spec?.providerID, status?.addresses];
}

function uidOfMachine({ metadata }: Pod): string[] {
  return [metadata.labels?.[machineUIDLabel] ?? ''];
}

/** Machines of other namespaces, and their Pods, are another manager's. */
function isOurs(machine: ObjectKey, namespace: string | undefined): boolean {
  return namespace ? machine.namespace === namespace : machine.namespace !== '';
}
