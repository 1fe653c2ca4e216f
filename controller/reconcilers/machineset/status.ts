/** The status of a MachineSet as a pure function of what was observed. */
import type { Node, NodeCondition } from '#api/core.ts';
import type { Condition } from '#api/machine/v1beta1/fields.ts';
import type { MachineSet, MachineSetStatus } from '#api/machine/v1beta1/machine-set.ts';
import { MachinePhase, type Machine } from '#api/machine/v1beta1/machine.ts';
import { timestamp } from '#api/timestamp.ts';
import { formatSelector } from '#runtime/label-selector.ts';

export interface Failure {
  /** A word for programs, stable: `FailedCreate`. */
  reason: string;
  /** A sentence for people. */
  message: string;
  /** The user must change something; absent: it is tried again. */
  errorReason?: 'InvalidConfiguration';
}

/** A Machine that counts, and its Node once it has one. */
export interface Member {
  machine: Machine;
  node: Node | undefined;
}

export interface Observed {
  members: readonly Member[];
  failure: Failure | undefined;
  /** Milliseconds since the epoch. */
  now: number;
}

/** As ReplicaSets have it: there while Machines cannot be created or deleted, or those that are there fail. */
const replicaFailure = 'ReplicaFailure';

export function summarize(set: MachineSet, { members, failure, now }: Observed): MachineSetStatus {
  const { status: before = {}, spec, metadata } = set;
  const { errorReason: _, errorMessage: __, conditions: ___, ...kept } = before;
  const wanted = Object.entries(spec?.template?.metadata?.labels ?? {});
  const isFullyLabeled = ({ machine }: Member): boolean =>
    wanted.every(([key, value]) => machine.metadata.labels?.[key] === value);
  const rests = members.map((member) => restOf(set, member, now));
  const explanation = failure ?? failureOf(members);
  const conditions = conditionsOf(before.conditions ?? [], explanation, timestamp(now));
  return {
    ...kept,
    replicas: members.length,
    fullyLabeledReplicas: members.filter(isFullyLabeled).length,
    readyReplicas: rests.filter((rest) => rest !== undefined).length,
    availableReplicas: members.filter((member) => isAvailable(set, member, now)).length,
    ...(metadata.generation !== undefined && { observedGeneration: metadata.generation }),
    ...(spec?.selector && { labelSelector: formatSelector(spec.selector) }),
    ...(failure?.errorReason && {
      errorReason: failure.errorReason,
      errorMessage: failure.message,
    }),
    ...(conditions.length > 0 && { conditions }),
  };
}

/** Milliseconds until the next member counts as available if nothing changes; undefined: none will. */
export function nextAvailability(
  set: MachineSet,
  { members, now }: Pick<Observed, 'members' | 'now'>,
): number | undefined {
  const rests = members.map((member) => restOf(set, member, now) ?? 0).filter((rest) => rest > 0);
  return rests.length === 0 ? undefined : Math.min(...rests);
}

/** Whether its Node has been Ready for as long as the set asks for. */
export function isAvailable(set: MachineSet, member: Member, now: number): boolean {
  const rest = restOf(set, member, now);
  return rest !== undefined && rest <= 0;
}

/** The condition that tells whether a Node is Ready. */
export function readyCondition(node: Node | undefined): NodeCondition | undefined {
  return node?.status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Milliseconds until the member is available, 0 or less: it is; undefined: it is not even ready. */
function restOf({ spec }: MachineSet, { node }: Member, now: number): number | undefined {
  const ready = readyCondition(node);
  if (ready?.status !== 'True') return undefined;
  const { minReadySeconds = 0 } = spec ?? {};
  if (minReadySeconds === 0) return 0; // whatever the Node's clock says
  // A Node that does not say since when has been Ready for long.
  const since = Date.parse(ready.lastTransitionTime ?? '') || 0;
  return since + minReadySeconds * 1000 - now;
}

/** What Machines say that only a change of them, or of the template, can help. */
function failureOf(members: readonly Member[]): Failure | undefined {
  const failed = members
    .map(({ machine }) => machine)
    .filter(({ status }) => status?.phase === MachinePhase.failed)
    .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const [first] = failed;
  if (first === undefined) return undefined;
  const why = first.status?.errorMessage ?? 'no message tells why';
  const message = `${failed.length} of ${members.length} Machines have failed; ${nameOf(first)}: ${why}`;
  return { reason: 'MachinesFailed', message };
}

function nameOf({ metadata }: Machine): string {
  return metadata.name ?? '';
}

function conditionsOf(
  before: readonly Condition[],
  failure: Failure | undefined,
  now: string,
): Condition[] {
  const others = before.filter(({ type }) => type !== replicaFailure);
  if (failure === undefined) return others;
  const { errorReason, message } = failure;
  const reason = errorReason ?? failure.reason;
  const known = before.find(({ type }) => type === replicaFailure);
  const lastTransitionTime = known?.lastTransitionTime ?? now;
  return [...others, { type: replicaFailure, status: 'True', lastTransitionTime, reason, message }];
}
