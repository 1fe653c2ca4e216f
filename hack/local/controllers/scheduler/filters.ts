import type { Node, Pod } from '#api/core.ts';
import { isTolerated } from '../objects/tolerations.ts';
import type { NodeView } from './cluster-view.ts';
import { matchesNodeAffinity } from './node-affinity.ts';
import type { Resources } from './resources.ts';

/**
 * Why a Pod cannot run on a node, in the words of kube-scheduler 1.32; empty: it can. The filters
 * run in the order of its default profile and the first that refuses speaks.
 */
export function reasonsAgainst(pod: Pod, requests: Resources, view: NodeView): string[] {
  if (isCordoned(pod, view.node)) return ['node(s) were unschedulable'];
  const taint = untoleratedTaint(pod, view.node);
  if (taint !== undefined) {
    return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  }
  if (!matchesNodeAffinity(pod, view.node)) {
    return ["node(s) didn't match Pod's node affinity/selector"];
  }
  return missingRoom(requests, view);
}

const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function isCordoned(pod: Pod, node: Node): boolean {
  return node.spec?.unschedulable === true && !isTolerated(cordon, pod.spec?.tolerations ?? []);
}

function untoleratedTaint(pod: Pod, node: Node) {
  return node.spec?.taints?.find(
    (taint) =>
      taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, pod.spec?.tolerations ?? []),
  );
}

function missingRoom(requests: Resources, { allocatable, claims }: NodeView): string[] {
  const reasons = claims.pods + 1 > (allocatable['pods'] ?? 0) ? ['Too many pods'] : [];
  for (const name in requests) {
    const needed = requests[name] ?? 0;
    // A request of nothing fits even where a node is overcommitted.
    if (needed > 0 && needed > (allocatable[name] ?? 0) - (claims.requested[name] ?? 0)) {
      reasons.push(`Insufficient ${name}`);
    }
  }
  return reasons;
}
