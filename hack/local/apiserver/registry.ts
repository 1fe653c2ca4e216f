import type { Clock } from '#runtime/clock.ts';
import type { Cluster, ResourceDefinition } from './kinds/definition.ts';
import type { Resource } from './rest/operation.ts';
import type { SelectableFields } from './selectors/field.ts';
import { metadataFields } from './selectors/field.ts';
import { Store, VersionCounter } from './storage/store.ts';
import { WatchHub } from './watch/hub.ts';
import type { WatchStream } from './watch/stream.ts';

/** Watches are filed by these, so that a thousand kubelets do not look at each other's Pods. */
const indexedFields = ['metadata.name', 'spec.nodeName'];

/** Every resource that the server serves now. */
export class Registry implements Cluster {
  readonly clock: Clock;
  readonly #historySize: number;
  readonly #counter = new VersionCounter();
  readonly #resources = new Map<string, Resource>();

  constructor(clock: Clock, historySize: number) {
    this.clock = clock;
    this.#historySize = historySize;
  }

  add(definition: ResourceDefinition): Resource {
    const store = new Store(this.#counter, this.#historySize);
    const fields: SelectableFields = { ...metadataFields, ...definition.selectable };
    const indexed = indexedFields.flatMap((field) => {
      const get = fields[field];
      return get ? [[field, get] as const] : [];
    });
    const hub = new WatchHub<WatchStream>(store, Object.fromEntries(indexed));
    const resource = { definition, store, hub, isTerminating: false };
    this.#resources.set(keyOf(definition.group, definition.plural), resource);
    return resource;
  }

  /** Ends the watches of a resource and forgets it. */
  remove({ definition, hub }: Resource): void {
    this.#resources.delete(keyOf(definition.group, definition.plural));
    // A copy: each end changes what is walked over.
    for (const stream of hub.subscribers().toArray()) stream.end();
  }

  find(group: string, plural: string): Resource | undefined {
    return this.#resources.get(keyOf(group, plural));
  }

  /** Whether a group is the server's own, and does not come from CustomResourceDefinitions. */
  isBuiltIn(group: string): boolean {
    return this.#resources.values().some(({ definition }) => {
      return definition.group === group && !definition.isCustom;
    });
  }

  store(group: string, plural: string): Store {
    const resource = this.find(group, plural);
    if (resource === undefined) throw new Error(`no resource ${plural} in group "${group}"`);
    return resource.store;
  }

  /** In the order in which they were added. */
  all(): Iterable<Resource> {
    return this.#resources.values();
  }
}

function keyOf(group: string, plural: string): string {
  return `${group}/${plural}`;
}
