import type { Node, Pod } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import { machineUIDLabel, staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { hollowNodeName, providerIDFor } from '#controller/hollow-pod/names.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Draft } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { MachineEvent } from './events.ts';
import type { Explanation } from './explanation.ts';
import type { OwnStatuses } from './own-status.ts';
import type { Failure } from './status.ts';

export interface MachineOptions {
  /** Where hollow-node Pods live. */
  podNamespace: string;
  /** The image of machines that name none; absent: such a machine is a configuration error. */
  hollowNodeImage?: string;
}

/** What the outside world provides. */
export interface Deps {
  readonly client: Client;
  readonly machines: Cache<Machine>;
  /** Hollow-node Pods, by `podsByMachineUID` and `podsByMachineName`. */
  readonly pods: Cache<Pod>;
  readonly nodes: Store<Node>;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly ownStatuses: OwnStatuses;
  readonly options: MachineOptions;
}

/** Index of Pods by the UID of their Machine. */
export const podsByMachineUID = 'machineUID';
/** Index of Pods by the `namespace/name` of their Machine, which is of this kind. */
export const podsByMachineName = ({ group }: Kind): string => `machineName of ${group}`;

/** Everything one reconcile knows about its machine. */
export interface Scope {
  readonly draft: Draft<Machine>;
  /** `draft.object`: change this. */
  readonly machine: Machine;
  readonly uid: string;
  /** Of the machine's own Pod and Node; a static machine has neither. */
  readonly nodeName: string;
  /** The machine's Pods as far as the cache knows; more than one only if somebody made it. */
  readonly pods: readonly Pod[];
  /** The Pod of the right name; set later when a phase creates or finds it. */
  pod: Pod | undefined;
  /** The machine's own Node, once it registered; of a static machine the one that it names. */
  readonly node: Node | undefined;
  /** One of Pod and Node has just come up, and the other will any moment: the status waits for it. */
  isRegistering: boolean;
  /** Set by the phase that failed; the status tells it. */
  failure: Failure | undefined;
  /** Set by the deletion. */
  waiting: Explanation | undefined;
  /** Of the status: change these. */
  readonly conditions: Condition[];
  /** To be recorded once the status that goes with them is stored. */
  readonly news: MachineEvent[];
}

/** Reads only. */
export function gather(deps: Deps, draft: Draft<Machine>): Scope {
  const machine = draft.object;
  const { name = '', uid = '' } = machine.metadata;
  const nodeName = hollowNodeName({ name, uid });
  const pods = deps.pods.byIndex(podsByMachineUID, uid);
  return {
    draft,
    machine,
    uid,
    nodeName,
    pods,
    pod: pods.find((pod) => pod.metadata.name === nodeName),
    node: nodeOf(deps, machine, nodeName),
    isRegistering: false,
    failure: undefined,
    waiting: undefined,
    conditions: [...(machine.status?.conditions ?? [])],
    news: [],
  };
}

/** The names of Nodes that concern the machine, registered or not. */
export function nodeNamesOf(machine: Machine): string[] {
  const { name = '', uid = '' } = machine.metadata;
  const staticNode = staticNodeOf(machine);
  const own = hollowNodeName({ name, uid });
  return staticNode === undefined ? [own] : [own, staticNode];
}

/** The Node that a static machine stands for; undefined for all others. */
export function staticNodeOf(machine: Machine): string | undefined {
  return machine.metadata.annotations?.[staticMachineAnnotation];
}

function nodeOf(deps: Deps, machine: Machine, nodeName: string): Node | undefined {
  const staticNode = staticNodeOf(machine);
  const node = deps.nodes.get({ namespace: '', name: staticNode ?? nodeName });
  if (staticNode !== undefined) return node;
  return node && isNodeOf(node, machine, nodeName) ? node : undefined;
}

/** Kubemarks before 1.16 write no provider ID; their Nodes are known by the link. */
export function isNodeOf({ metadata, spec }: Node, machine: Machine, nodeName: string): boolean {
  if (spec?.providerID) return spec.providerID === providerIDFor(nodeName);
  return metadata.uid !== undefined && metadata.uid === machine.status?.nodeRef?.uid;
}

export function isPodOf(pod: Pod, uid: string | undefined): boolean {
  return uid !== undefined && pod.metadata.labels?.[machineUIDLabel] === uid;
}

/** Where the machine can be reached, for its status. */
export function addressOf({ machine, node, pod }: Scope): string | undefined {
  if (staticNodeOf(machine) === undefined) return pod?.status?.podIP;
  return node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
}

export function record(deps: Deps, machine: Machine, event: MachineEvent): void {
  deps.events.event(machine, event.type, event.reason, event.message);
}
