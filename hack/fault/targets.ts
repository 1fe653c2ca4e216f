/** The machines that are to fail: finding them, and telling them. */
import type { CustomKind } from '#api/custom-kind.ts';
import { faultAnnotation } from '#api/faults/injection.ts';
import type { KubernetesObject } from '#api/meta.ts';
import type { Client, SelectOptions } from '#runtime/client/client.ts';
import { isConflict, isNotFound } from '#runtime/client/errors.ts';
import { formatKey, keyOf } from '#runtime/client/object-key.ts';
import { messageOf } from '#runtime/error-text.ts';
import { nameOf } from './kinds.ts';

export interface Target {
  readonly kind: CustomKind;
  readonly machine: KubernetesObject;
}

/** `kubemarkmachine.infrastructure.cluster.x-k8s.io/default/worker-1` */
export function titleOf({ kind, machine }: Target): string {
  return `${nameOf(kind)}/${formatKey(keyOf(machine))}`;
}

/** The machines of these kinds, without those on their way out: no fault reaches them any more. */
export async function findTargets(
  client: Client,
  kinds: readonly CustomKind[],
  selection: SelectOptions,
): Promise<Target[]> {
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      const { items } = await client.list(kind, selection);
      return items.map((machine) => ({ kind, machine }));
    }),
  );
  return lists.flat().filter(({ machine }) => machine.metadata.deletionTimestamp === undefined);
}

/** Whether it has been told to fail. */
export function isAsked({ machine }: Target): boolean {
  return machine.metadata.annotations?.[faultAnnotation] !== undefined;
}

/**
 * Tells a machine what it is to suffer, or, with `null`, that it is not to any more.
 *
 * @returns why that did not work; a machine of the same name that came since is another one
 */
export async function tell(
  client: Client,
  { kind, machine }: Target,
  value: string | null,
): Promise<string | undefined> {
  const { uid } = machine.metadata;
  const annotations = { [faultAnnotation]: value };
  try {
    await client.patch(kind, keyOf(machine), { metadata: { ...(uid && { uid }), annotations } });
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return 'it has gone';
    return isConflict(error) ? `it has changed: ${messageOf(error)}` : messageOf(error);
  }
}
