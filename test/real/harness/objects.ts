import type { Pod } from '#api/core.ts';

type PodSpec = NonNullable<Pod['spec']>;

/** A Pod for one node, which the scheduler has to bind to it. */
export function newPod(name: string, node: string, spec: Partial<PodSpec> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name },
    spec: {
      containers: [{ name: 'main', image: 'example.com/app:1' }],
      nodeSelector: { 'kubernetes.io/hostname': node },
      ...spec,
    },
  };
}

/** A toleration of every taint of one effect, for so long. */
export function tolerates(effect: string, seconds?: number): Partial<PodSpec> {
  const toleration = { operator: 'Exists', effect };
  const tolerationSeconds = seconds === undefined ? {} : { tolerationSeconds: seconds };
  return { tolerations: [{ ...toleration, ...tolerationSeconds }] };
}
