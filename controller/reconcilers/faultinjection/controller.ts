import type { Node } from '#api/core.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { keyOf } from '#runtime/client/object-key.ts';
import { FaultInjectionReconciler } from './reconciler.ts';

export interface FaultInjectionControllerOptions {
  /** In logs and metrics. */
  name: string;
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  machines: Informer<Machine>;
  nodes: Informer<Node>;
}

/** Index of Machines by the name of the Node that they refer to. */
const byNode = 'faultinjection.node';

/** Not started; adds its index to the informer. */
export function faultInjectionController(options: FaultInjectionControllerOptions): Controller {
  const { name, client, clock, log, events, metrics, machines, nodes } = options;
  machines.addIndexes({
    [byNode]: ({ status }) => (status?.nodeRef?.name ? [status.nodeRef.name] : []),
  });
  const reconciler = new FaultInjectionReconciler({ client, clock, events, machines, nodes });
  return new Controller({ clock, log, name, reconciler, ...(metrics && { metrics }) })
    .watch(machines, enqueueSelf, isOfInterest)
    .watch(
      nodes, // one that registers again has lost its annotation
      enqueueMapped((node) => machines.byIndex(byNode, node.metadata.name ?? '').map(keyOf)),
      isAnother,
    );
}

/** Few Machines are asked to fail. */
function isOfInterest(event: InformerEvent<Machine>): boolean {
  return isConcerned(event.object) || (event.type === 'updated' && isConcerned(event.old));
}

function isConcerned({ metadata, status }: Machine): boolean {
  const isAsked = metadata.annotations?.[faultAnnotation] !== undefined;
  return isAsked || status?.providerStatus?.['fault'] !== undefined;
}

function isAnother(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return event.type === 'added';
  return faultOf(event.old) !== faultOf(event.object);
}

function faultOf({ metadata }: Node): string | undefined {
  return metadata.annotations?.[faultAnnotation];
}
