import type { Node, Pod } from '#api/core.ts';
import { controllerOf, uidOf } from '../objects/metadata.ts';
import { isPodFinished, nodeNameOf } from '../objects/pod.ts';
import type { Resources } from './resources.ts';
import { add, parseResources, requestsOf, subtract } from './resources.ts';

/** A node and what the Pods on it have claimed. */
export interface NodeView {
  readonly node: Node;
  readonly allocatable: Resources;
  readonly claims: Claims;
}

export interface Claims {
  readonly requested: Resources;
  readonly pods: number;
  /** How many Pods of each controller (by uid) are here. */
  readonly siblings: ReadonlyMap<string, number>;
}

interface Placement {
  readonly nodeName: string;
  readonly requests: Resources;
  readonly controller: string | undefined;
}

const nothing: Claims = { requested: {}, pods: 0, siblings: new Map() };

/**
 * Who has claimed what on which node, kept up to date one Pod at a time.
 *
 * A Pod that was just bound is counted from that moment on (`assume`), long before a watch shows
 * it; what the watch shows later replaces the assumption.
 */
export class ClusterView {
  readonly #nodes = new Map<string, NodeView>();
  /** Also of nodes that are not known yet, or no longer. */
  readonly #claims = new Map<string, Claims>();
  readonly #placements = new Map<string, Placement>();

  nodes(): Iterable<NodeView> {
    return this.#nodes.values();
  }

  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const allocatable = parseResources(node.status?.allocatable ?? node.status?.capacity);
    this.#nodes.set(name, { node, allocatable, claims: this.#claims.get(name) ?? nothing });
  }

  removeNode(node: Node): void {
    this.#nodes.delete(node.metadata.name ?? '');
  }

  /** Takes over what a watch says about a Pod. An unbound one says nothing against an assumption. */
  setPod(pod: Pod): void {
    if (isPodFinished(pod)) this.removePod(pod);
    else if (nodeNameOf(pod) !== '') this.assume(pod, nodeNameOf(pod));
  }

  assume(pod: Pod, nodeName: string): void {
    if (this.#placements.get(uidOf(pod))?.nodeName === nodeName) return;
    this.removePod(pod);
    const placement = { nodeName, requests: requestsOf(pod), controller: controllerOf(pod)?.uid };
    this.#placements.set(uidOf(pod), placement);
    this.#claim(placement, 1);
  }

  removePod(pod: Pod): void {
    const placement = this.#placements.get(uidOf(pod));
    if (placement === undefined) return;
    this.#placements.delete(uidOf(pod));
    this.#claim(placement, -1);
  }

  isPlaced(pod: Pod): boolean {
    return this.#placements.has(uidOf(pod));
  }

  #claim({ nodeName, requests, controller }: Placement, sign: 1 | -1): void {
    const { requested, pods, siblings } = this.#claims.get(nodeName) ?? nothing;
    const isLast = pods + sign === 0;
    const claims: Claims = isLast
      ? nothing
      : {
          requested: sign === 1 ? add(requested, requests) : subtract(requested, requests),
          pods: pods + sign,
          siblings: controller === undefined ? siblings : withCount(siblings, controller, sign),
        };
    if (isLast) this.#claims.delete(nodeName);
    else this.#claims.set(nodeName, claims);
    const view = this.#nodes.get(nodeName);
    if (view !== undefined) this.#nodes.set(nodeName, { ...view, claims });
  }
}

function withCount(
  counts: ReadonlyMap<string, number>,
  key: string,
  change: number,
): ReadonlyMap<string, number> {
  const result = new Map(counts);
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) result.delete(key);
  else result.set(key, count);
  return result;
}
