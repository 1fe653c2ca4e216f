import type { Kind } from '#api/kind.ts';
import type { OwnerReference } from '#api/meta.ts';
import type { Client, ObjectKey } from '#runtime/client/client.ts';
import { ifFound } from '#runtime/client/errors.ts';
import { groupOf } from '../discovery/kind-catalog.ts';
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
  /** By `identityOf`. A uid never comes back, so an absence holds for ever. */
  readonly #absent = new Set<string>();

  constructor(lookup: OwnerLookup) {
    this.#lookup = lookup;
  }

  /** A watch has shown the end of an object: needs no asking, even where its kind went with it. */
  noteGone({ kind, key, uid }: Item): void {
    this.#remember(identityOf(kind.group, kind.kind, key, uid));
  }

  async stateOf(dependent: Item, owner: OwnerReference, signal: AbortSignal): Promise<OwnerState> {
    const { namespace } = dependent.key;
    const known = this.#lookup.graph.get(owner.uid);
    if (known !== undefined && isMeantBy(known, owner, namespace)) {
      return isWaitingForDependents(known) ? 'waiting' : 'solid';
    }
    if (this.#isKnownAbsent(owner, namespace)) return 'absent';
    const kind = this.#lookup.findKind(owner.apiVersion, owner.kind);
    if (kind === undefined || (kind.namespaced && namespace === '')) return 'unresolvable';

    const key = { namespace: kind.namespaced ? namespace : '', name: owner.name };
    const found = await ifFound(this.#lookup.client.get(kind, key, { signal }));
    if (found !== undefined && uidOf(found) === owner.uid) return 'solid';
    this.#remember(identityOf(kind.group, kind.kind, key, owner.uid));
    return 'absent';
  }

  /** A reference does not say whether its owner is namespaced; if so, it is in our namespace. */
  #isKnownAbsent({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): boolean {
    const group = groupOf(apiVersion);
    return ['', namespace].some((each) =>
      this.#absent.has(identityOf(group, kind, { namespace: each, name }, uid)),
    );
  }

  #remember(identity: string): void {
    if (this.#absent.size >= mostRemembered) this.#absent.clear();
    this.#absent.add(identity);
  }
}

function identityOf(group: string, kind: string, { namespace, name }: ObjectKey, uid: string) {
  return [group, kind, namespace, name, uid].join(' ');
}
