import type { Node, Pod } from '#api/core.ts';
import { isTolerated } from '../objects/tolerations.ts';
import type { NodeView } from './cluster-view.ts';
import type { Demand } from './demand.ts';
import { demandOf } from './demand.ts';
import { reasonsAgainst } from './filters.ts';

export type Placement = { nodeName: string } | { failure: string };

/** Picks the best of the nodes that fit, or says why none does, as kube-scheduler would say it. */
export function placePod(pod: Pod, nodes: Iterable<NodeView>): Placement {
  const demand = demandOf(pod);
  const refusals = new Map<string, number>();
  let count = 0;
  let best: { nodeName: string; score: Score } | undefined;
  for (const view of nodes) {
    count += 1;
    const reasons = reasonsAgainst(demand, view);
    for (const reason of reasons) refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
    if (reasons.length > 0) continue;
    const score = scoreOf(demand, view);
    if (best === undefined || isBetter(score, best.score)) {
      best = { nodeName: view.node.metadata.name ?? '', score };
    }
  }
  return best ?? { failure: describeFailure(count, refusals) };
}

/** Compared from the first number on; smaller is better. */
type Score = readonly [unwantedTaints: number, siblings: number, fullness: number];

function scoreOf(demand: Demand, { node, allocatable, claims }: NodeView): Score {
  const { controller, requests } = demand;
  const fill = (name: string, taken: number): number =>
    allocatable[name] ? taken / allocatable[name] : 1;
  const share = (name: string): number =>
    fill(name, (claims.requested[name] ?? 0) + (requests[name] ?? 0));
  return [
    unwantedTaints(demand, node),
    controller === undefined ? 0 : (claims.siblings.get(controller) ?? 0),
    // Pods count like a resource: otherwise Pods without requests would pile up on one node.
    share('cpu') + share('memory') + fill('pods', claims.pods + 1),
  ];
}

function unwantedTaints({ tolerations }: Demand, node: Node): number {
  const taints = node.spec?.taints ?? [];
  return taints.filter(
    (taint) => taint.effect === 'PreferNoSchedule' && !isTolerated(taint, tolerations),
  ).length;
}

function isBetter(a: Score, b: Score): boolean {
  if (a[0] !== b[0]) return a[0] < b[0];
  if (a[1] !== b[1]) return a[1] < b[1];
  return a[2] < b[2];
}

function describeFailure(nodes: number, refusals: ReadonlyMap<string, number>): string {
  if (nodes === 0) return 'no nodes available to schedule pods';
  const reasons = [...refusals].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodes} nodes are available: ${reasons.join(', ')}.`;
}
