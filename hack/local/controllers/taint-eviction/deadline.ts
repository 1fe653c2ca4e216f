import type { Taint, Toleration } from '../objects/kinds.ts';
import { isTolerated, tolerates } from '../objects/tolerations.ts';

/**
 * How many milliseconds a Pod may stay on a node with these NoExecute taints: 0 if it does not
 * tolerate all of them, `Infinity` if it tolerates them without a limit.
 *
 * The shortest limit among all tolerations that match any of the taints counts, also where another
 * toleration of the same taint has none (`GetMinTolerationTime` upstream).
 */
export function allowedStay(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] = [],
): number {
  if (taints.some((taint) => !isTolerated(taint, tolerations))) return 0;
  const limits = tolerations
    .filter((toleration) => taints.some((taint) => tolerates(toleration, taint)))
    .flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
  return limits.length === 0 ? Infinity : Math.max(0, Math.min(...limits)) * 1000;
}
