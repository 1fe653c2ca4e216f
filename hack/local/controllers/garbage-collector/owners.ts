import type { Kind } from '#api/kind.ts';
import type { OwnerReference } from '#api/meta.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { uidOf } from '../objects/metadata.ts';
import type { Item, OwnershipGraph } from './graph.ts';
import { isMeantBy, isWaitingForDependents } from './graph.ts';

/**
 * - `solid`: exists, so the dependent stays
 * - `waiting`: is being deleted and waits for its dependents to go first
 * - `absent`: the API server itself says that it does not exist
 * - `unresolvable`: cannot be looked up (unknown kind; a namespaced owner of a cluster-scoped
 *   object), so nothing follows from it and the dependent stays
 */
export type OwnerState = 'solid' | 'waiting' | 'absent' | 'unresolvable';

export interface OwnerLookup {
  client: Client;
  graph: OwnershipGraph;
  findKind(apiVersion: string, kind: string): Kind | undefined;
}

/** Plenty for a wave of dependents that lost the same few owners. */
const mostRemembered = 1000;

/**
 * Finds out about owners: from the graph what exists, from the API server what does not. A watch
 * that lags must never cost an object its life.
 */
export class Owners {
  readonly #lookup: OwnerLookup;
  /** A uid never comes back, so an absence holds for ever. */
  readonly #absent = new Set<string>();

  constructor(lookup: OwnerLookup) {
    this.#lookup = lookup;
  }

  async stateOf(dependent: Item, owner: OwnerReference, signal: AbortSignal): Promise<OwnerState> {
    const { namespace } = dependent.key;
    const known = this.#lookup.graph.get(owner.uid);
    if (known !== undefined && isMeantBy(known, owner, namespace)) {
      return isWaitingForDependents(known) ? 'waiting' : 'solid';
    }
    const kind = this.#lookup.findKind(owner.apiVersion, owner.kind);
    if (kind === undefined || (kind.namespaced && namespace === '')) return 'unresolvable';

    const key = { namespace: kind.namespaced ? namespace : '', name: owner.name };
    return (await this.#isAbsent(kind, key, owner, signal)) ? 'absent' : 'solid';
  }

  async #isAbsent(
    kind: Kind,
    key: ObjectKey,
    owner: OwnerReference,
    signal: AbortSignal,
  ): Promise<boolean> {
    const id = [owner.uid, kind.group, kind.kind, key.namespace, key.name].join(' ');
    if (this.#absent.has(id)) return true;
    const found = await ifFound(this.#lookup.client.get(kind, key, { signal }));
    if (found !== undefined && uidOf(found) === owner.uid) return false;
    if (this.#absent.size >= mostRemembered) this.#absent.clear();
    this.#absent.add(id);
    return true;
  }
}
