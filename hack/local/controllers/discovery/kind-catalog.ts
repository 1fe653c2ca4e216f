import type { Kind } from '#api/kind.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { Discovered, PathReader } from './discover.ts';
import { discoverKinds } from './discover.ts';

/** The kinds the server had when it was last asked. */
export class KindCatalog {
  readonly #reader: PathReader;
  #discovered: Discovered = { kinds: [], failures: [] };
  #byName = new Map<string, Kind>();

  constructor(reader: PathReader) {
    this.#reader = reader;
  }

  /**
   * Asks again. A kind that stays keeps its handle, so it can be a key.
   *
   * @throws what the client throws when the server does not answer at all.
   */
  async refresh(signal: AbortSignal): Promise<Discovered> {
    const { kinds, failures } = await discoverKinds(this.#reader, { signal });
    const known = kinds.map((kind) => this.#sameAsBefore(kind) ?? kind);
    this.#discovered = { kinds: known, failures };
    this.#byName = new Map(known.map((kind) => [nameOf(kind.group, kind.kind), kind]));
    return this.#discovered;
  }

  /** The kind that an owner reference names, in the version we use. */
  find(apiVersion: string, kind: string): Kind | undefined {
    return this.#byName.get(nameOf(groupOf(apiVersion), kind));
  }

  #sameAsBefore(kind: Kind): Kind | undefined {
    return this.#discovered.kinds.find(
      (known) => known.plural === kind.plural && apiVersionOf(known) === apiVersionOf(kind),
    );
  }
}

/** The version does not tell objects apart: the same one is served in several. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function nameOf(group: string, kind: string): string {
  return `${kind}.${group}`;
}
