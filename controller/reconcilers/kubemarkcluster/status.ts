import { managedByAnnotation, type Cluster } from '#api/cluster-api/core.ts';
import { pausedCondition, whyPaused } from '#api/cluster-api/paused.ts';
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
  kubemarkCluster: KubemarkCluster,
  cluster: Cluster | undefined,
  now: string,
): KubemarkClusterStatus {
  const { metadata, spec, status = {} } = kubemarkCluster;
  const { generation } = metadata;
  const version = generation === undefined ? {} : { observedGeneration: generation };
  const why = whyPaused(kubemarkCluster, cluster);
  const paused = { ...version, ...pausedCondition(why) };
  const conditions = setCondition(status.conditions ?? [], paused, now);
  if (why !== undefined) return { ...status, conditions };

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
