import type { MachineSet } from '#api/machine/v1beta1/machine-set.ts';
import type { Machine } from '#api/machine/v1beta1/machine.ts';
import { controllerReference } from '#runtime/owner-references.ts';

/**
 * A Machine as the template wants it. Of the template's metadata only labels and annotations count: a
 * name or a finalizer there would be one of all Machines. A provider ID is of one Machine only, too.
 */
export function desiredMachine(set: MachineSet, name: string): Machine {
  const { metadata: { labels, annotations } = {}, spec = {} } = set.spec?.template ?? {};
  const { providerID: _, ...machineSpec } = spec;
  const { namespace } = set.metadata;
  return {
    apiVersion: set.apiVersion, // of the same group
    kind: 'Machine',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      ownerReferences: [controllerReference(set)],
    },
    spec: machineSpec,
  };
}
