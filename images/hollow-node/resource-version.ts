import type { KubernetesObject } from '#api/meta.ts';
import { compareVersions } from '#runtime/cache/resource-version.ts';

/**
 * Whether `candidate` was stored after `known`. A watch may show an object as it was before our last
 * write, whose answer we have.
 */
export function isNewer(candidate: KubernetesObject, known: KubernetesObject | undefined): boolean {
  const { resourceVersion } = candidate.metadata;
  return compareVersions(resourceVersion, known?.metadata.resourceVersion) > 0;
}
