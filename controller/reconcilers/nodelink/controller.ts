import type { Node } from '#api/core.ts';
import { machineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { machineIndexes, nodeIndexes, nodesFor, rivalsOf } from './match.ts';
import { NodeLinkReconciler } from './reconciler.ts';

export interface NodeLinkControllerOptions {
  /** In logs and metrics. */
  name: string;
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  machines: Informer<Machine>;
  nodes: Informer<Node>;
  /** That of the Machines; empty: all. */
  namespace: string;
}

/** Not started; adds its indexes to the informers. */
export function nodeLinkController(options: NodeLinkControllerOptions): Controller {
  const { name, client, clock, log, events, metrics, machines, nodes, namespace } = options;
  const stores = { machines, nodes };
  /** Index of Nodes by the `namespace/name` of the Machine that they were linked with. */
  const byMachine = `nodelink.machine of ${machines.kind.group}`;
  machines.addIndexes(machineIndexes);
  nodes.addIndexes({
    ...nodeIndexes,
    [byMachine]: ({ metadata: { annotations } }) => {
      const machine = annotations?.[machineAnnotation(machines.kind)];
      return machine === undefined ? [] : [machine];
    },
  });
  const reconciler = new NodeLinkReconciler({ client, clock, events, machines, nodes, namespace });
  return new Controller({ clock, log, name, reconciler, ...(metrics && { metrics }) })
    .watch(
      nodes,
      enqueueMapped((node) => [node, ...rivalsOf(node, stores)].map(keyOf)),
      isMoreThanHealth,
    )
    .watch(
      machines, // at any change: one may have kept us from writing the reference
      enqueueMapped((machine) => {
        const linked = nodes.byIndex(byMachine, formatKey(keyOf(machine)));
        return [...linked, ...nodesFor(machine, stores)].map(keyOf);
      }),
    );
}

/** Not its conditions: health is nobody's concern here. */
function isMoreThanHealth(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return true;
  return !isDeepEqual(withoutHealth(event.old), withoutHealth(event.object));
}

function withoutHealth({ metadata, spec, status }: Node): unknown[] {
  const { uid, labels, annotations, deletionTimestamp } = metadata;
  return [uid, labels, annotations, deletionTimestamp, spec, status?.addresses];
}
