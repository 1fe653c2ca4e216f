import type { Pod } from '#api/core.ts';

/** A Pod at a version, in the namespace `default`. */
export function pod(name: string, resourceVersion: number, overrides: Partial<Pod> = {}): Pod {
  const { metadata, ...rest } = overrides;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: 'default',
      name,
      uid: `uid-of-${name}`,
      resourceVersion: String(resourceVersion),
      ...metadata,
    },
    ...rest,
  };
}
