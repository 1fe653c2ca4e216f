import type { Node, Pod } from '#api/core.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Informer, InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import type { Clock } from '#runtime/clock.ts';
import { Controller } from '#runtime/controller.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { enqueueMapped, enqueueSelf } from '#runtime/handler.ts';
import type { Logger } from '#runtime/log.ts';
import type { Metrics } from '#runtime/metrics.ts';
import { isAlive, nodeNamesOf, silentSince } from './orphan.ts';
import { machinesByNode, OrphanNodeReconciler } from './reconciler.ts';

export interface OrphanNodeControllerOptions {
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  nodes: Informer<Node>;
  /** Of each group that has Machines. */
  machines: readonly Informer<Machine>[];
  /** Of hollow nodes. */
  pods: Informer<Pod>;
  /** That of the Machines; empty: all. */
  namespace: string;
  /** Milliseconds that a Node may be silent. */
  gracePeriod: number;
}

/** Each costs the API server a search through its Pods; nobody waits for the result. */
const concurrency = 2;

/** Not started; adds its index to the informers of Machines. */
export function orphanNodeController(options: OrphanNodeControllerOptions): Controller {
  const { client, clock, log, events, metrics, nodes, machines, pods, namespace, gracePeriod } =
    options;
  for (const informer of machines) informer.addIndexes({ [machinesByNode]: nodeNamesOf });
  const domain = { groups: machines.map(({ kind }) => kind.group), namespace };
  const deps = { client, clock, events, nodes, machines, domain, gracePeriod };
  const controller = new Controller({
    clock,
    log,
    name: 'orphannode',
    concurrency,
    reconciler: new OrphanNodeReconciler(deps),
    ...(metrics && { metrics }),
  });
  controller.watch(nodes, enqueueSelf, hasFallenSilent).watch(
    pods,
    enqueueMapped(({ metadata: { name = '' } }) => [nodeKey(name)]),
    hasEnded,
  );
  for (const informer of machines) {
    controller.watch(
      informer,
      enqueueMapped((machine) => nodeNamesOf(machine).map(nodeKey)),
      hasLetGo,
    );
  }
  return controller;
}

function nodeKey(name: string): ObjectKey {
  return { namespace: '', name };
}

function hasFallenSilent(event: InformerEvent<Node>): boolean {
  if (event.type === 'deleted' || silentSince(event.object) === undefined) return false;
  return event.type === 'added' || !isDeepEqual(essence(event.old), essence(event.object));
}

/** What the verdict depends on. */
function essence(node: Node): unknown[] {
  return [node.spec?.providerID, node.metadata.annotations, silentSince(node)];
}

function hasEnded({ type, object }: InformerEvent<Pod>): boolean {
  return type === 'deleted' || !isAlive(object);
}

function hasLetGo(event: InformerEvent<Machine>): boolean {
  if (event.type !== 'updated') return event.type === 'deleted';
  return !isDeepEqual(nodeNamesOf(event.old), nodeNamesOf(event.object));
}
