/** Which Nodes are hollow ones that nobody runs any more: pure. */
import type { Node, Pod } from '#api/core.ts';
import { staticMachineAnnotation } from '#api/machine/v1beta1/labels.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { nodeNameIn } from '#controller/hollow-pod/names.ts';
import { parseKey } from '#runtime/client/object-key.ts';

/** Whose Machines this manager knows. */
export interface Domain {
  /** API groups. */
  readonly groups: readonly string[];
  /** Empty: all. */
  readonly namespace: string;
}

/** Only kubemarks call themselves so. */
export function isHollow({ metadata, spec }: Node): boolean {
  return spec?.providerID !== undefined && nodeNameIn(spec.providerID) === metadata.name;
}

const machineAnnotationSuffix = '/machine';

/**
 * Whether somebody else calls this the Node of a Machine of theirs: Cluster API, the manager of another
 * namespace or another group. They all do it by an annotation `<group>/machine`.
 */
export function isOfOthers({ metadata }: Node, { groups, namespace }: Domain): boolean {
  return Object.entries(metadata.annotations ?? {})
    .filter(([key]) => key.endsWith(machineAnnotationSuffix))
    .some(([key, machine]) => {
      const isOurs = groups.includes(key.slice(0, -machineAnnotationSuffix.length));
      return !isOurs || (namespace !== '' && parseKey(machine).namespace !== namespace);
    });
}

/** The names of the Nodes that a Machine stands for, by whatever says so. */
export function nodeNamesOf({ metadata, spec, status }: Machine): string[] {
  const names = [
    nodeNameIn(spec?.providerID ?? ''),
    status?.nodeRef?.name,
    metadata.annotations?.[staticMachineAnnotation],
  ];
  return [...new Set(names.filter((name) => name !== undefined))];
}

/**
 * Since when the control plane has not heard of the Node, in milliseconds since the epoch; undefined: it
 * has, or a time that cannot be read says otherwise.
 */
export function silentSince({ status }: Node): number | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (ready?.status !== 'Unknown') return undefined;
  const since = Date.parse(ready.lastTransitionTime ?? '');
  return Number.isNaN(since) ? undefined : since;
}

/** Whether a Pod may still have something to say. */
export function isAlive({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}
