/** Why a machine is not what it should be: the reason and message of its provider status. */
import type { Pod } from '#api/core.ts';
import type { MachineStatus } from '#api/machine/v1beta1/machine.ts';
import { instanceProblem, isFinished } from './instance.ts';
import type { Observed } from './status.ts';

export interface Explanation {
  /** A word for programs, stable: `ImagePullFailed`. */
  reason: string;
  /** A sentence for people, the same at each try. */
  message: string;
}

export const nodeLostReason = 'NodeLost';

export const nodeLost = (name = ''): Explanation => ({
  reason: nodeLostReason,
  message: `Node ${name} is gone; its kubelet does not register it again, that of a new Pod does`,
});

/** The one thing to look at first; undefined when all goes well. */
export function explanationOf(
  { nodeRef }: MachineStatus,
  { isDeleting, pod, node, failure, waiting }: Observed,
): Explanation | undefined {
  if (failure !== undefined) return { reason: failure.reason, message: failure.message };
  if (isDeleting) return waiting;
  const problem = pod && isToStay(pod) ? instanceProblem(pod) : undefined;
  // Every Pod is pending at first.
  if (problem !== undefined && problem.reason !== 'PodPending') return problem;
  return node === undefined && nodeRef !== undefined ? nodeLost(nodeRef.name) : undefined;
}

/** Others are replaced at once. */
function isToStay(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && !isFinished(pod);
}
