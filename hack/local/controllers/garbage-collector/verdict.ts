import type { OwnerReference } from '#api/meta.ts';
import type { DeleteOptions } from '#runtime/client/client.ts';
import type { Item } from './graph.ts';
import { foregroundFinalizer, orphanFinalizer } from './graph.ts';
import type { OwnerState } from './owners.ts';

export type Verdict =
  | { action: 'keep' }
  /** Some owner remains: the references to those that went are dropped. */
  | { action: 'disown'; uids: string[] }
  | { action: 'delete'; propagationPolicy: NonNullable<DeleteOptions['propagationPolicy']> };

/** What becomes of an object whose owners are in these states (`attemptToDeleteItem` upstream). */
export function judge(
  item: Item,
  owners: readonly (readonly [OwnerReference, OwnerState])[],
  hasDependents: boolean,
): Verdict {
  const inState = (...states: OwnerState[]): string[] =>
    owners.filter(([, state]) => states.includes(state)).map(([{ uid }]) => uid);

  if (owners.length === 0 || inState('unresolvable').length > 0) return { action: 'keep' };
  if (inState('solid').length > 0) {
    const uids = inState('absent', 'waiting');
    return uids.length > 0 ? { action: 'disown', uids } : { action: 'keep' };
  }
  // The owner waits for this object; this one then waits for its own dependents in turn.
  if (inState('waiting').length > 0 && hasDependents) {
    return { action: 'delete', propagationPolicy: 'Foreground' };
  }
  return { action: 'delete', propagationPolicy: askedPolicy(item) };
}

/** A finalizer that is there already says how this object wants to go. */
function askedPolicy({ finalizers }: Item): 'Orphan' | 'Foreground' | 'Background' {
  if (finalizers.includes(orphanFinalizer)) return 'Orphan';
  return finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background';
}
