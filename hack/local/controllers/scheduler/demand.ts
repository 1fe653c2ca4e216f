import type { Pod } from '#api/core.ts';
import type { Toleration } from '../objects/kinds.ts';
import { controllerOf } from '../objects/metadata.ts';
import type { Resources } from './resources.ts';
import { requestsOf } from './resources.ts';

/** What a Pod asks of a node: taken out of the Pod once, then held against every node. */
export interface Demand {
  readonly pod: Pod;
  readonly requests: Resources;
  /** The requests without those of nothing, which fit even where a node is overcommitted. */
  readonly needs: readonly { name: string; amount: number; insufficient: string }[];
  readonly tolerations: readonly Toleration[];
  /** The uid of the Pod's controller. */
  readonly controller: string | undefined;
}

export function demandOf(pod: Pod): Demand {
  const requests = requestsOf(pod);
  return {
    pod,
    requests,
    needs: Object.entries(requests)
      .filter(([, amount]) => amount > 0)
      .map(([name, amount]) => ({ name, amount, insufficient: `Insufficient ${name}` })),
    tolerations: pod.spec?.tolerations ?? [],
    controller: controllerOf(pod)?.uid,
  };
}
