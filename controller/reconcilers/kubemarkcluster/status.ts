import { managedByAnnotation, pausedAnnotation, type Cluster } from '#api/cluster-api/core.ts';
import type { Condition } from '#api/infrastructure/v1alpha4/contract.ts';
import type {
  KubemarkCluster,
  KubemarkClusterStatus,
} from '#api/infrastructure/v1alpha4/kubemark-cluster.ts';
import { setCondition } from '#runtime/conditions.ts';

type Wanted = Omit<Condition, 'lastTransitionTime'>;

/** Somebody else looks after it: nothing of it is ours to write. */
export function isExternallyManaged({ metadata }: KubemarkCluster): boolean {
  return managedByAnnotation in { ...metadata.annotations, ...metadata.labels };
}

/**
 * A KubemarkCluster has nothing to bring about: it is there once somebody knows the API server.
 *
 * @param now RFC 3339
 */
export function summarize(
  { metadata, spec, status = {} }: KubemarkCluster,
  cluster: Cluster | undefined,
  now: string,
): KubemarkClusterStatus {
  const { generation, annotations = {} } = metadata;
  const version = generation === undefined ? {} : { observedGeneration: generation };
  const pauses = [
    ...(cluster?.spec?.paused === true ? ['Cluster spec.paused is set to true'] : []),
    ...(pausedAnnotation in annotations
      ? [`KubemarkCluster has the ${pausedAnnotation} annotation`]
      : []),
  ];
  const isPaused = pauses.length > 0;
  const paused: Wanted = {
    ...version,
    type: 'Paused',
    status: isPaused ? 'True' : 'False',
    reason: isPaused ? 'Paused' : 'NotPaused',
    message: isPaused ? pauses.join(', ') : 'Nobody has paused it',
  };
  const conditions = setCondition(status.conditions ?? [], paused, now);
  if (isPaused) return { ...status, conditions };

  const hasEndpoint = [spec?.controlPlaneEndpoint, cluster?.spec?.controlPlaneEndpoint].some(
    (endpoint) => endpoint?.host,
  );
  const isProvisioned = status.initialization?.provisioned === true || hasEndpoint;
  const ready: Wanted = {
    ...version,
    type: 'Ready',
    status: isProvisioned ? 'True' : 'False',
    reason: isProvisioned ? 'Provisioned' : 'WaitingForControlPlaneEndpoint',
    message: isProvisioned
      ? 'The API server is known'
      : 'neither this object nor its Cluster names an API server yet',
  };
  return {
    ...status,
    ready: isProvisioned,
    initialization: { provisioned: isProvisioned },
    conditions: setCondition(conditions, ready, now),
  };
}
