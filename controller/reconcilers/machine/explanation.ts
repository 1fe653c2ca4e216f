/** Why a machine is not what it should be: the reason and message of its provider status. */
import type { Pod } from '#api/core.ts';
import type { MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { instanceProblem, isFinished } from '#controller/hollow-pod/instance.ts';
import { providerStatusOf } from './provider-status.ts';
import type { Observed } from './status.ts';

export interface Explanation {
  /** A word for programs, stable: `ImagePullFailed`. */
  reason: string;
  /** A sentence for people, the same at each try. */
  message: string;
}

export const nodeLostReason = 'NodeLost';

/**
 * Only of a Node that we saw ourselves: others may set the reference to it before our watch shows it.
 * A machine on its way out takes its Node along.
 */
export function lostNode(
  status: MachineStatus,
  { isDeleting, pod, node }: Observed,
): Explanation | undefined {
  const { nodeRef } = status;
  const isThere = node !== undefined && (!nodeRef || nodeRef.uid === node.metadata.uid);
  if (!hasRegistered(status) || isDeleting || isThere) return undefined;
  const remedy = pod && '; its kubelet does not register it again, that of a new Pod does';
  return { reason: nodeLostReason, message: `Node ${nodeRef?.name} is gone${remedy ?? ''}` };
}

/** Whether the machine's Node was ever there. */
export function hasRegistered(status: MachineStatus): boolean {
  const { conditions = [] } = providerStatusOf(status);
  return conditions.some(({ type }) => type === 'NodeRegistered');
}

/** The one thing to look at first; undefined when all goes well. */
export function explanationOf(before: MachineStatus, observed: Observed): Explanation | undefined {
  const { isDeleting, pod, failure, waiting } = observed;
  if (failure !== undefined) return { reason: failure.reason, message: failure.message };
  if (isDeleting) return waiting;
  const problem = pod && isToStay(pod) ? instanceProblem(pod) : undefined;
  // Every Pod is pending at first.
  if (problem !== undefined && problem.reason !== 'PodPending') return problem;
  return lostNode(before, observed);
}

/** Others are replaced at once. */
function isToStay(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isFinished(pod);
}
