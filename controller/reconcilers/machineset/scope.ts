import type { Node } from '#api/core.ts';
import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { Ownership } from '#runtime/ownership.ts';
import type { Deletions } from './deletions.ts';
import type { SetEvent } from './events.ts';
import type { Failure } from './status.ts';

/** What the outside world provides. */
export interface Deps {
  readonly client: Client;
  readonly machineSets: Cache<MachineSet>;
  readonly machines: Cache<Machine>;
  readonly nodes: Store<Node>;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly ownership: Ownership<MachineSet, Machine>;
  readonly deletions: Deletions;
}

/** Index of Machines by the name of the Node that they refer to. */
export const machinesByNodeRef = 'machineset: nodeRef';

/** Everything one reconcile knows about its set. */
export interface Scope {
  /** The draft's. */
  readonly set: MachineSet;
  /** Set by the phase that failed; the status tells it. */
  failure: Failure | undefined;
}

/** Those that count, also as far as only this process knows. */
export function membersOf({ ownership, deletions }: Deps, set: MachineSet): Machine[] {
  return ownership.membersOf(set).filter((machine) => !deletions.isAgreed(machine));
}

export function isDeleting({ metadata }: KubernetesObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** The Node of a Machine; not another that has its name now. */
export function nodeOf({ nodes }: Deps, { status }: Machine): Node | undefined {
  const { name = '', uid } = status?.nodeRef ?? {};
  const node = nodes.get({ namespace: '', name });
  return uid === undefined || node?.metadata.uid === uid ? node : undefined;
}

export function record({ events }: Deps, set: MachineSet, event: SetEvent): void {
  events.event(set, event.type, event.reason, event.message);
}
