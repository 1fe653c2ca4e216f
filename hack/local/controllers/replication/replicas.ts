import type { Pod } from '#api/core.ts';
import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { ReplicaSet } from '../objects/kinds.ts';
import { isDeleting, uidOf } from '../objects/metadata.ts';
import { findCondition, isPodFinished, isPodReady, nodeNameOf } from '../objects/pod.ts';

/** What ReplicationControllers and ReplicaSets have in common. */
export interface Replicated extends KubernetesObject {
  spec?: { replicas?: number; minReadySeconds?: number; template?: PodTemplate };
  status?: Partial<ReplicaStatus>;
}

type PodTemplate = NonNullable<NonNullable<ReplicaSet['spec']>['template']>;

export interface ReplicaStatus {
  replicas: number;
  fullyLabeledReplicas: number;
  readyReplicas: number;
  availableReplicas: number;
  observedGeneration: number;
}

/** Pods that still count: the others are gone or going. */
export function isActive(pod: Pod): boolean {
  return !isPodFinished(pod) && !isDeleting(pod);
}

export function desiredReplicas(owner: Replicated): number {
  return owner.spec?.replicas ?? 1;
}

/** Those that are missed least, as many as there are too many (`ActivePods` upstream). */
export function surplus(pods: readonly Pod[], desired: number): Pod[] {
  return pods
    .toSorted(
      (a, b) =>
        Number(nodeNameOf(a) !== '') - Number(nodeNameOf(b) !== '') ||
        Number(isPodReady(a)) - Number(isPodReady(b)) ||
        creationOf(b).localeCompare(creationOf(a)),
    )
    .slice(0, Math.max(0, pods.length - desired));
}

function creationOf(pod: Pod): string {
  return pod.metadata.creationTimestamp ?? '';
}

export function desiredPod(kind: Kind, owner: Replicated): Pod {
  const { name = '', namespace = '' } = owner.metadata;
  const { metadata: { labels, annotations, finalizers } = {}, spec } = owner.spec?.template ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${name}-`,
      namespace,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ...(finalizers && { finalizers }),
      ownerReferences: [
        {
          apiVersion: apiVersionOf(kind),
          kind: kind.kind,
          name,
          uid: uidOf(owner),
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...(spec && { spec }),
  };
}

/** @param now milliseconds since the epoch */
export function replicaStatus(owner: Replicated, pods: readonly Pod[], now: number): ReplicaStatus {
  const wanted = Object.entries(owner.spec?.template?.metadata?.labels ?? {});
  const minReady = (owner.spec?.minReadySeconds ?? 0) * 1000;
  return {
    replicas: pods.length,
    fullyLabeledReplicas: pods.filter(({ metadata: { labels } }) =>
      wanted.every(([key, value]) => labels?.[key] === value),
    ).length,
    readyReplicas: pods.filter(isPodReady).length,
    availableReplicas: pods.filter((pod) => isPodReady(pod) && readySince(pod) + minReady <= now)
      .length,
    observedGeneration: owner.metadata.generation ?? 0,
  };
}

/** Milliseconds until the next Pod becomes available without any further change. */
export function nextAvailability(
  owner: Replicated,
  pods: readonly Pod[],
  now: number,
): number | undefined {
  const minReady = (owner.spec?.minReadySeconds ?? 0) * 1000;
  const rests = pods
    .filter(isPodReady)
    .map((pod) => readySince(pod) + minReady - now)
    .filter((rest) => rest > 0);
  return rests.length === 0 ? undefined : Math.min(...rests);
}

/** Only of a Ready Pod. A Pod that does not say since when is taken to be Ready for long. */
function readySince(pod: Pod): number {
  const time = findCondition(pod.status?.conditions, 'Ready')?.lastTransitionTime;
  return time === undefined ? 0 : Date.parse(time);
}
