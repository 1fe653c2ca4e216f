import {
  DeploymentStrategy,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Cache } from '#runtime/cache/informer.ts';
import type { Client } from '#runtime/client/client.ts';
import { Draft } from '#runtime/client/patch.ts';
import type { Clock } from '#runtime/clock.ts';
import type { EventRecorder } from '#runtime/event-recorder.ts';
import type { Ownership } from '#runtime/ownership.ts';
import type { Context } from '#runtime/reconcile.ts';
import type { DeploymentEvent } from './events.ts';
import { resolveLimits } from './limits.ts';
import { desiredReplicas, stateOf } from './machine-set.ts';
import type { Failure } from './progress.ts';
import type { Rollout, SetState } from './rollout.ts';
import { hasTemplateOf } from './template.ts';

/** What the outside world provides. */
export interface Deps {
  readonly client: Client;
  readonly machineDeployments: Cache<MachineDeployment>;
  readonly machineSets: Cache<MachineSet>;
  readonly ownership: Ownership<MachineDeployment, MachineSet>;
  readonly clock: Clock;
  readonly events: EventRecorder;
}

/** Everything one reconcile knows about its deployment. */
export interface Scope {
  /** The draft's. */
  readonly deployment: MachineDeployment;
  /** Set by the phase that failed; the status tells it. */
  failure: Failure | undefined;
}

/** The sets of a deployment, as the cache knows them now. */
export interface Sets {
  /** That of the present template. */
  readonly newSet: MachineSet | undefined;
  /** The oldest first. */
  readonly oldSets: readonly MachineSet[];
  readonly all: readonly MachineSet[];
}

/** Of two sets of the present template the older one is the new one, for as long as both are there. */
export function setsOf(deps: Deps, deployment: MachineDeployment): Sets {
  const all = deps.ownership
    .membersOf(deployment)
    .toSorted((one, other) => compare(ageKey(one), ageKey(other)));
  const newSet = all.find((set) => hasTemplateOf(deployment, set));
  return { all, newSet, oldSets: all.filter((set) => set !== newSet) };
}

export function isPaused({ spec }: MachineDeployment): boolean {
  return spec?.paused ?? false;
}

/** What the planner asks for. `newSet` stands in for one that is about to be created. */
export function rolloutOf(
  deployment: MachineDeployment,
  sets: Sets,
  newSet: SetState | undefined = sets.newSet && stateOf(sets.newSet),
): Rollout {
  const { spec } = deployment;
  const strategy = spec?.strategy?.type ?? DeploymentStrategy.rollingUpdate;
  const replicas = desiredReplicas(spec);
  const limits = resolveLimits(replicas, spec?.strategy?.rollingUpdate ?? {});
  const isOnDelete = strategy === DeploymentStrategy.onDelete;
  return {
    strategy,
    isPaused: isPaused(deployment),
    replicas,
    ...(isOnDelete ? { maxSurge: 0, maxUnavailable: 0 } : limits),
    ...(newSet && { newSet }),
    oldSets: sets.oldSets.map(stateOf),
  };
}

/** Writes what `change` does to a set, if that is anything. */
export async function patchSet(
  { client, machineSets: cache }: Deps,
  { signal }: Context,
  stored: MachineSet,
  change: (set: MachineSet) => void,
): Promise<void> {
  const observe = (answer: MachineSet): void => cache.observe(answer);
  const draft = new Draft({ client, kind: machineSets, stored, signal, observe });
  change(draft.object);
  await draft.writeMain();
}

export function record(
  { events }: Deps,
  deployment: MachineDeployment,
  event: DeploymentEvent,
): void {
  events.event(deployment, event.type, event.reason, event.message);
}

function ageKey({ metadata }: MachineSet): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name ?? ''}`;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
