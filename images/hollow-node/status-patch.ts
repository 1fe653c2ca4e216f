import type { Node } from '#api/core.ts';
import type { ConditionValue } from '#api/faults/conditions.ts';
import { mergePatch } from '#runtime/client/merge-patch.ts';
import type { NodeFacts } from './node.ts';
import { withTimes } from './node.ts';
import { sameFields } from './same-fields.ts';

export interface StatusWrite {
  /** As it was last seen. */
  readonly stored: Node;
  readonly values: readonly ConditionValue[];
  /** Only in the first write of a run; absent: left as others may have set them since. */
  readonly facts?: NodeFacts;
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

/**
 * The strategic merge patch of a kubelet: only what changed, but a heartbeat for each condition. It
 * names the uid, so that it never reaches a later Node of the same name.
 */
export function statusPatch({ stored, values, facts, now }: StatusWrite): object {
  const before = stored.status?.conditions ?? [];
  const conditions = withTimes(values, before, now).map((condition) => {
    const old = before.find(({ type }) => type === condition.type);
    return { type: condition.type, ...mergePatch(old ?? {}, condition) };
  });
  const order = values.map(({ type }) => ({ type }));
  return {
    metadata: { uid: stored.metadata.uid },
    status: {
      ...(facts && mergePatch(sameFields(stored.status ?? {}, facts), facts)),
      '$setElementOrder/conditions': order,
      conditions,
    },
  };
}

/** Whether the stored conditions say what they should; those of others do not matter. */
export function isStored(values: readonly ConditionValue[], stored: Node): boolean {
  return values.every(({ type, status, reason, message }) => {
    const found = stored.status?.conditions?.find((condition) => condition.type === type);
    return found?.status === status && found.reason === reason && found.message === message;
  });
}
