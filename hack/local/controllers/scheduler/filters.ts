import type { Node } from '#api/core.ts';
import { isTolerated } from '../objects/tolerations.ts';
import type { NodeView } from './cluster-view.ts';
import type { Demand } from './demand.ts';
import { matchesNodeAffinity } from './node-affinity.ts';

/**
 * Why a Pod cannot run on a node, in the words of kube-scheduler 1.32; empty: it can. The filters
 * run in the order of its default profile and the first that refuses speaks.
 */
export function reasonsAgainst(demand: Demand, view: NodeView): readonly string[] {
  if (isCordoned(demand, view.node)) return ['node(s) were unschedulable'];
  const taint = untoleratedTaint(demand, view.node);
  if (taint !== undefined) {
    return [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`];
  }
  if (!matchesNodeAffinity(demand.pod, view.node)) {
    return ["node(s) didn't match Pod's node affinity/selector"];
  }
  return missingRoom(demand, view);
}

const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function isCordoned({ tolerations }: Demand, node: Node): boolean {
  return node.spec?.unschedulable === true && !isTolerated(cordon, tolerations);
}

function untoleratedTaint({ tolerations }: Demand, node: Node) {
  return node.spec?.taints?.find(
    (taint) => taint.effect !== 'PreferNoSchedule' && !isTolerated(taint, tolerations),
  );
}

const fits: readonly string[] = [];

function missingRoom({ needs }: Demand, { allocatable, claims }: NodeView): readonly string[] {
  const hasSlot = claims.pods < (allocatable['pods'] ?? 0);
  const missing = needs.filter(
    ({ name, amount }) => amount > (allocatable[name] ?? 0) - (claims.requested[name] ?? 0),
  );
  if (hasSlot && missing.length === 0) return fits;
  const reasons = missing.map(({ insufficient }) => insufficient);
  return hasSlot ? reasons : ['Too many pods', ...reasons];
}
