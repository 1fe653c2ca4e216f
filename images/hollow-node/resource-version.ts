import type { KubernetesObject } from '#api/meta.ts';

/**
 * Whether `candidate` was stored after `known`. A watch may show an object as it was before our last
 * write, whose answer we have. Versions of one kind are comparable decimal numbers (KEP-5504).
 */
export function isNewer(candidate: KubernetesObject, known: KubernetesObject | undefined): boolean {
  const one = candidate.metadata.resourceVersion ?? '';
  const other = known?.metadata.resourceVersion ?? '';
  return one.length === other.length ? one > other : one.length > other.length;
}
