import { nodes, pods, type Node, type Pod } from '#api/core.ts';
import { isObject, type JsonObject } from '#api/json.ts';
import { machineAnnotation, machineUIDLabel } from '#api/machine/v1beta1/labels.ts';
import type { KubernetesObject, ObjectMeta } from '#api/meta.ts';
import { machines, type Machine } from '#api/machine/v1beta1/machine.ts';
import { Informer } from '#runtime/cache/informer.ts';
import type { InformerEvent } from '#runtime/cache/informer.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { isDeepEqual } from '#runtime/client/merge-patch.ts';
import { keyOf } from '#runtime/client/object-key.ts';
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
  client: Client;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  metrics?: Metrics;
  /** Only Machines of this namespace; absent: of all. */
  namespace?: string;
  /** Milliseconds after which every Machine is looked at again. */
  resyncPeriod?: number;
  concurrency?: number;
}

/** Milliseconds: who creates a missing namespace does not want to wait for longer. */
const longestBackoff = 60_000;

/** Index of Machines by the names of the Nodes whose changes concern them. */
const machinesByNode = 'node';

/** The machine controller and the informers it reads, none of them started. */
export function machineController(options: MachineControllerOptions): {
  controller: Controller;
  informers: { machines: Informer<Machine>; pods: Informer<Pod>; nodes: Informer<Node> };
} {
  const { client, clock, log, events, podNamespace, hollowNodeImage } = options;
  const common = { client, clock, log };
  const machineInformer = new Informer<Machine>({
    ...common,
    kind: machines,
    indexes: { [machinesByNode]: nodeNamesOf },
    transform: (machine) => withShallowConfiguration(withoutManagedFields(machine)),
    ...(options.namespace && { namespace: options.namespace }),
    ...(options.resyncPeriod !== undefined && { resyncPeriod: options.resyncPeriod }),
  });
  const podInformer = new Informer<Pod>({
    ...common,
    kind: pods,
    namespace: podNamespace,
    labelSelector: machineUIDLabel,
    indexes: {
      [podsByMachineUID]: (pod) => [pod.metadata.labels?.[machineUIDLabel] ?? ''],
      [podsByMachineName]: (pod) => [pod.metadata.annotations?.[machineAnnotation] ?? ''],
    },
    transform: withoutManagedFields,
  });
  const nodeInformer = new Informer<Node>({ ...common, kind: nodes, transform: nodeEssence });
  const ownStatuses = new OwnStatuses(clock);
  const controller = new Controller({
    ...common,
    name: 'machine',
    longestBackoff,
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
    ...(options.metrics !== undefined && { metrics: options.metrics }),
    reconciler: new MachineReconciler({
      client,
      clock,
      events,
      machines: machineInformer,
      pods: podInformer,
      nodes: nodeInformer,
      ownStatuses,
      options: { podNamespace, ...(hollowNodeImage !== undefined && { hollowNodeImage }) },
    }),
  });
  controller
    .watch(machineInformer, enqueueSelf, (event) => isOfInterest(event, ownStatuses))
    .watch(
      podInformer,
      enqueueMapped((pod) => machineOfPod(pod).filter((key) => isOurs(key, options.namespace))),
    )
    .watch(
      nodeInformer,
      enqueueMapped((node) =>
        machineInformer.byIndex(machinesByNode, node.metadata.name ?? '').map(keyOf),
      ),
      isMoreThanHeartbeat,
    );
  return {
    controller,
    informers: { machines: machineInformer, pods: podInformer, nodes: nodeInformer },
  };
}

/** All but our own status patches. A resync is the same version twice. */
function isOfInterest(event: InformerEvent<Machine>, ownStatuses: OwnStatuses): boolean {
  if (event.type !== 'updated' || event.old === event.object) return true;
  const { old, object } = event;
  return !isDeepEqual(wishes(old), wishes(object)) || ownStatuses.isToBeCorrected(old, object);
}

/** What others may change to make us act. */
function wishes({ metadata, spec }: Machine): object {
  const { labels, annotations, finalizers, deletionTimestamp } = metadata;
  return { spec, labels, annotations, finalizers, deletionTimestamp };
}

function isMoreThanHeartbeat(event: InformerEvent<Node>): boolean {
  if (event.type !== 'updated') return true;
  const { old, object } = event;
  return !isDeepEqual(
    [old.metadata.uid, old.spec, old.status],
    [object.metadata.uid, object.spec, object.status],
  );
}

function machineOfPod(pod: Pod): ObjectKey[] {
  const [namespace, name] = (pod.metadata.annotations?.[machineAnnotation] ?? '').split('/');
  return namespace && name ? [{ namespace, name }] : [];
}

/** Machines of other namespaces, and their Pods, are another manager's. */
function isOurs(machine: ObjectKey, namespace: string | undefined): boolean {
  return !namespace || machine.namespace === namespace;
}

/** Far deeper than any configuration. */
const deepestConfiguration = 32;

/**
 * An API server takes JSON of 10,000 levels, on which everything that recurses would run out of stack,
 * so that such a machine could not even be deleted. What is cut off only ends up in an error message.
 */
function withShallowConfiguration(machine: Machine): Machine {
  const { value } = machine.spec?.providerSpec ?? {};
  if (value === undefined) return machine;
  const providerSpec = { value: shallow(value, deepestConfiguration) };
  return { ...machine, spec: { ...machine.spec, providerSpec } };
}

function shallow(value: JsonObject, levels: number): JsonObject {
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => [name, shallowValue(field, levels - 1)]),
  );
}

function shallowValue(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (levels === 0) return '…';
  if (Array.isArray(value)) return value.map((item) => shallowValue(item, levels - 1));
  return isObject(value) ? shallow(value, levels) : value;
}

/** Half of an object, and nobody here reads it. */
function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  const { managedFields: _, ...metadata }: ObjectMeta & { managedFields?: unknown } =
    object.metadata;
  return { ...object, metadata };
}

/**
 * What reconciles read of a Node. Clusters have thousands, each with dozens of images, and most
 * belong to no Machine.
 */
function nodeEssence({ apiVersion, kind, metadata, spec, status }: Node): Node {
  const { name, uid, resourceVersion } = metadata;
  return {
    apiVersion,
    kind,
    metadata: {
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    spec: { ...(spec?.providerID !== undefined && { providerID: spec.providerID }) },
    status: { ...(status?.addresses !== undefined && { addresses: status.addresses }) },
  };
}
