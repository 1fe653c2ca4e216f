import { pausedAnnotation } from '#api/cluster-api/core.ts';
import type { Scope } from './scope.ts';

/** Left by `clusterctl move` on what it deletes: the machine lives on somewhere else. */
const movedAnnotation = 'clusterctl.cluster.x-k8s.io/delete-for-move';

/** Why nobody may touch the machine, as core words it; undefined when somebody may. */
export function whyPaused({
  machine,
  cluster,
}: Pick<Scope, 'machine' | 'cluster'>): string | undefined {
  const { annotations = {} } = machine.metadata;
  const reasons = [
    ...(cluster?.spec?.paused === true ? ['Cluster spec.paused is set to true'] : []),
    ...[pausedAnnotation, movedAnnotation]
      .filter((annotation) => annotation in annotations)
      .map((annotation) => `KubemarkMachine has the ${annotation} annotation`),
  ];
  return reasons.length === 0 ? undefined : reasons.join(', ');
}
