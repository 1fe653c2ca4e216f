import { apiVersionOf } from '#api/kind.ts';
import {
  desiredReplicasAnnotation,
  maxReplicasAnnotation,
  noCreationAnnotation,
  type MachineDeployment,
} from '#api/machine/v1beta1/machine-deployment.ts';
import { machineSets, type MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import { controllerReference } from '#runtime/owner-references.ts';
import { annotationsOfNewSet } from './revision.ts';
import type { SetState } from './rollout.ts';
import { templateHash, withHash } from './template.ts';

/** What all sets of the deployment together should be when one of them is scaled. */
export interface Scale {
  /** Of the deployment. */
  replicas: number;
  /** With the surge. */
  most: number;
}

/** A MachineSet for the present template: its name says which template it is. */
export function desiredMachineSet(
  deployment: MachineDeployment,
  { replicas, revision, scale }: { replicas: number; revision: number; scale: Scale },
): MachineSet {
  const { name = '', namespace } = deployment.metadata;
  const { template = {}, selector = {}, minReadySeconds } = deployment.spec ?? {};
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = withHash(template.metadata?.labels, hash);
  return {
    apiVersion: apiVersionOf(machineSets),
    kind: machineSets.kind,
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace !== undefined && { namespace }),
      labels,
      annotations: {
        ...annotationsOfNewSet(deployment, {}, revision),
        ...scaleAnnotations(scale),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas,
      ...(minReadySeconds !== undefined && { minReadySeconds }),
      selector: { ...selector, matchLabels: withHash(selector.matchLabels, hash) },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

export function scaleAnnotations({ replicas, most }: Scale): Record<string, string> {
  return {
    [desiredReplicasAnnotation]: String(replicas),
    [maxReplicasAnnotation]: String(most),
  };
}

/** A set as a plan sees it. */
export function stateOf({ metadata, spec, status = {} }: MachineSet): SetState {
  const { name = '', generation = 0, annotations = {} } = metadata;
  const replicas = Number(annotations[desiredReplicasAnnotation]);
  const most = Number(annotations[maxReplicasAnnotation]);
  const isScaled = Number.isSafeInteger(replicas) && Number.isSafeInteger(most) && most > 0;
  return {
    name,
    desired: desiredReplicas(spec),
    current: status.replicas ?? 0,
    available: status.availableReplicas ?? 0,
    isObserved: (status.observedGeneration ?? 0) >= generation,
    ...(isScaled && { scaledFor: { replicas, most } }),
  };
}

/** As the CRD's default says, for an object that is older than that. */
export function desiredReplicas(spec: { replicas?: number } | undefined): number {
  return spec?.replicas ?? 1;
}

/** Whether the set may replace what it loses: not an old one whose Machines go one by one. */
export function setCreation(set: MachineSet, isAllowed: boolean): void {
  const { [noCreationAnnotation]: before, ...others } = set.metadata.annotations ?? {};
  if (isAllowed === (before === undefined)) return;
  set.metadata.annotations = isAllowed ? others : { ...others, [noCreationAnnotation]: 'true' };
}
