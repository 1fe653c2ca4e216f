import type { Node } from '#api/core.ts';
import type { MachineHealthCheck } from '#api/machine/v1beta1/machine-health-check.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Store } from '#runtime/cache/store.ts';
import type { Client } from '#runtime/client/client.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import { matchesSelector } from '#runtime/label-selector.ts';
import type { Target } from './plan.ts';

/** What the outside world provides. */
export interface Deps {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly checks: Cache<MachineHealthCheck>;
  readonly machines: Store<Machine>;
  readonly nodes: Store<Node>;
}

/** An empty selector selects all Machines of the namespace. */
export function selects({ metadata, spec }: MachineHealthCheck, machine: Machine): boolean {
  return (
    metadata.namespace === machine.metadata.namespace &&
    matchesSelector(spec?.selector, machine.metadata.labels)
  );
}

export function targetsOf({ machines, nodes }: Deps, check: MachineHealthCheck): Target[] {
  return machines
    .list(check.metadata.namespace)
    .filter((machine) => selects(check, machine))
    .map((machine) => {
      const { name } = machine.status?.nodeRef ?? {};
      return { machine, node: name === undefined ? undefined : nodes.get({ namespace: '', name }) };
    });
}
