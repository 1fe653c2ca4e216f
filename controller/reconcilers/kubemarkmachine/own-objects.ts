/** What the Pod and the Secret of a machine have in common. */
import { clusterNameLabel } from '#api/cluster-api/core.ts';
import {
  appLabel,
  identityKey,
  kubemarkMachineAnnotation,
} from '#api/infrastructure/v1alpha4/labels.ts';
import type { KubernetesObject, ObjectMeta } from '#api/meta.ts';
import { controllerReference } from '#runtime/owner-references.ts';
import type { HollowCluster } from './hollow-cluster.ts';
import { identityOf, type Scope } from './scope.ts';

/** As the existing provider names it. */
export const secretName = ({ nodeName }: Scope): string => `${nodeName}-kubemark-config`;

/** The metadata of what is made for the machine; owned by it where both are in one cluster. */
export function ownMetadata(scope: Scope, hollow: HollowCluster, name: string): ObjectMeta {
  const { machine } = scope;
  const cluster = machine.metadata.labels?.[clusterNameLabel];
  return {
    name,
    namespace: hollow.namespace,
    labels: {
      ...appLabel,
      ...(cluster !== undefined && { [clusterNameLabel]: cluster }),
      [identityKey]: identityOf(machine),
    },
    ...(!hollow.isExternal && {
      ownerReferences: [controllerReference(machine)],
    }),
  };
}

/** Whether it was made for this machine, here or before a move. */
export function isOurs({ metadata }: KubernetesObject, { machine }: Scope): boolean {
  return metadata.labels?.[identityKey] === identityOf(machine);
}

/**
 * Whether the existing provider made it, which marks nothing: by its label, of a Secret by its entry.
 * It is called as what this machine would have, so it is this machine's.
 */
export function isInherited(object: KubernetesObject & { data?: object }): boolean {
  const { labels = {} } = object.metadata;
  const isMarked = labels[identityKey] !== undefined;
  return !isMarked && (labels['app'] === appLabel.app || 'cert.pem' in (object.data ?? {}));
}

/** What makes an inherited object one of ours, as a merge patch. */
export function adoption(scope: Scope): { metadata: object } {
  const { name, namespace } = scope.machine.metadata;
  return {
    metadata: {
      labels: { [identityKey]: identityOf(scope.machine) },
      annotations: { [kubemarkMachineAnnotation]: `${namespace}/${name}` },
    },
  };
}
