/** Revisions count the templates of a deployment; a template that comes back gets the next number. */
import {
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  noCreationAnnotation,
  revisionAnnotation,
  revisionHistoryAnnotation,
} from '#api/machine/v1beta1/machine-deployment.ts';
import type { KubernetesObject } from '#api/meta.ts';

type Annotations = Readonly<Record<string, string>>;

/** Of the set itself; what else a deployment is annotated with, its newest set is, too. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  revisionAnnotation,
  revisionHistoryAnnotation,
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  noCreationAnnotation,
]);

/** 0: none yet, or none that is a number. */
export function revisionOf({ metadata }: KubernetesObject): number {
  const revision = Number(metadata.annotations?.[revisionAnnotation]);
  return Number.isSafeInteger(revision) && revision > 0 ? revision : 0;
}

/** The revision of the newest set: above all others. */
export function nextRevision(
  newSet: KubernetesObject | undefined,
  oldSets: readonly KubernetesObject[],
): number {
  const next = Math.max(0, ...oldSets.map(revisionOf)) + 1;
  return Math.max(next, newSet === undefined ? 0 : revisionOf(newSet));
}

/** The annotations of the newest set. What it has been before goes to its history. */
export function annotationsOfNewSet(
  deployment: KubernetesObject,
  before: Annotations,
  revision: number,
): Record<string, string> {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(
    ([key]) => !notCopied.has(key),
  );
  const { [revisionAnnotation]: former, [revisionHistoryAnnotation]: history } = before;
  const isAnother = former !== undefined && former !== String(revision);
  const revisions = [history, isAnother ? former : undefined].filter(Boolean).join(',');
  return {
    ...before,
    ...Object.fromEntries(copied),
    [revisionAnnotation]: String(revision),
    ...(revisions !== '' && { [revisionHistoryAnnotation]: revisions }),
  };
}
