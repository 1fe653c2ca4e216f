import { createHash } from 'node:crypto';
import { deleteMachineAnnotations } from '#api/machine/v1beta1/labels.ts';
import type { DeletePolicy } from '#api/machine/v1beta1/machine-set.ts';
import { MachinePhase, type Machine } from '#api/machine/v1beta1/machine.ts';

/**
 * Machines of a set, first to go first: those that users marked, then those that cannot work, then as
 * the policy says. `Random` takes those first that nobody misses, on which rolling updates rely. What is
 * equal so far (times have whole seconds) goes in the order of a hash of the UIDs: no pattern that a user
 * could see, and yet the same at each try.
 */
export function deletionOrder(
  machines: readonly Machine[],
  policy: DeletePolicy = 'Random',
  isAvailable: (machine: Machine) => boolean = () => true,
): Machine[] {
  return machines
    .map((machine) => ({ machine, rank: rankOf(machine, policy, isAvailable(machine)) }))
    .toSorted((one, other) => compare(one.rank, other.rank))
    .map(({ machine }) => machine);
}

type Rank = readonly (number | string)[];

/** Compared part by part; the smallest goes first. `false` is 1, so that what holds comes first. */
function rankOf(machine: Machine, policy: DeletePolicy, isAvailable: boolean): Rank {
  return [
    Number(!isMarked(machine)),
    Number(!isFailed(machine)),
    ...rankByPolicy[policy](machine, isAvailable),
    createHash('sha256')
      .update(machine.metadata.uid ?? '')
      .digest('hex'),
  ];
}

const rankByPolicy: Record<DeletePolicy, (machine: Machine, isAvailable: boolean) => number[]> = {
  Random: ({ status }, isAvailable) => [Number(status?.nodeRef !== undefined), Number(isAvailable)],
  Newest: (machine) => [-creationOf(machine)],
  Oldest: (machine) => [creationOf(machine)],
};

/** An empty value marks nothing, as in the original. */
function isMarked({ metadata: { annotations = {} } }: Machine): boolean {
  return deleteMachineAnnotations.some((key) => Boolean(annotations[key]));
}

function isFailed({ status = {} }: Machine): boolean {
  const { errorReason, errorMessage, phase } = status;
  return Boolean(errorReason) || Boolean(errorMessage) || phase === MachinePhase.failed;
}

function creationOf({ metadata }: Machine): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0;
}

function compare(one: Rank, other: Rank): number {
  for (const [index, part] of one.entries()) {
    const another = other[index] ?? part;
    if (part !== another) return part < another ? -1 : 1;
  }
  return 0;
}
