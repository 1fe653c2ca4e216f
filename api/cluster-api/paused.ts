import type { Condition } from '../infrastructure/v1alpha4/contract.ts';
import type { KubernetesObject } from '../meta.ts';
import { pausedAnnotation, type Cluster } from './core.ts';

/** Left by `clusterctl move` on what it deletes: the object lives on somewhere else. */
const movedAnnotation = 'clusterctl.cluster.x-k8s.io/delete-for-move';

/** Why nobody may touch an object of the cluster, as core words it; undefined when somebody may. */
export function whyPaused(
  { kind, metadata: { annotations = {} } }: KubernetesObject,
  cluster: Cluster | undefined,
): string | undefined {
  const reasons = [
    ...(cluster?.spec?.paused === true ? ['Cluster spec.paused is set to true'] : []),
    ...[pausedAnnotation, movedAnnotation]
      .filter((annotation) => annotation in annotations)
      .map((annotation) => `${kind} has the ${annotation} annotation`),
  ];
  return reasons.length === 0 ? undefined : reasons.join(', ');
}

/**
 * The condition that tells. No message is empty: API servers of old take that for `null`, and refuse the
 * whole status.
 *
 * @param why what `whyPaused` said
 */
export function pausedCondition(
  why: string | undefined,
): Omit<Condition, 'lastTransitionTime' | 'observedGeneration'> {
  return why === undefined
    ? { type: 'Paused', status: 'False', reason: 'NotPaused', message: 'Nobody has paused it' }
    : { type: 'Paused', status: 'True', reason: 'Paused', message: why };
}
