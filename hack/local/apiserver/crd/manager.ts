import { view } from '../object.ts';
import type { Registry } from '../registry.ts';
import { deleteStored } from '../rest/delete.ts';
import type { Operation, Resource } from '../rest/operation.ts';
import type { BuiltInSchemas } from '../schema/built-in.ts';
import type { Change } from '../storage/history.ts';
import type { Store } from '../storage/store.ts';
import { definitionOf } from './definition.ts';
import type { CustomResourceDefinition } from './strategy.ts';
import { cleanupFinalizer } from './strategy.ts';

/** Serves what CustomResourceDefinitions describe, and takes their objects along when they go. */
export class CustomResources {
  readonly #registry: Registry;
  readonly #schemas: BuiltInSchemas;
  readonly #definitions: Store;

  constructor(registry: Registry, schemas: BuiltInSchemas) {
    this.#registry = registry;
    this.#schemas = schemas;
    this.#definitions = registry.store('apiextensions.k8s.io', 'customresourcedefinitions');
    this.#definitions.onChange((change) => this.#follow(change));
  }

  #follow({ key, current, previous }: Change): void {
    const definition = view<CustomResourceDefinition>((current ?? previous)?.object);
    const { group, names } = definition.spec;
    const resource = this.#registry.find(group, names.plural);
    if (current === undefined) {
      if (resource) this.#registry.remove(resource);
    } else if (resource === undefined) {
      this.#serve(key, definition);
    } else if (definition.metadata.deletionTimestamp === undefined) {
      resource.definition = definitionOf(definition, this.#schemas);
    } else if (!resource.isTerminating) {
      resource.isTerminating = true;
      // After the write that brought us here is complete.
      queueMicrotask(() => this.#empty(key, resource));
    }
  }

  #serve(key: string, definition: CustomResourceDefinition): void {
    const resource = this.#registry.add(definitionOf(definition, this.#schemas));
    resource.store.onChange(({ current }) => {
      if (current === undefined) queueMicrotask(() => this.#finalizeWhenEmpty(key, resource));
    });
  }

  #empty(key: string, resource: Resource): void {
    // A copy: deletions change what is walked over.
    for (const stored of resource.store.list().toArray()) {
      const { namespace = '', name = '' } = stored.object.metadata;
      deleteStored(this.#deletionOf(resource, namespace, name), stored, {});
    }
    this.#finalizeWhenEmpty(key, resource);
  }

  #deletionOf(resource: Resource, namespace: string, name: string): Operation {
    const [version] = resource.definition.versions;
    if (version === undefined) throw new Error(`${resource.definition.plural} has no version`);
    return {
      cluster: this.#registry,
      clock: this.#registry.clock,
      resource,
      version,
      namespace,
      name,
      isDryRun: false,
      fieldValidation: 'Ignore',
      warnings: [],
    };
  }

  #finalizeWhenEmpty(key: string, resource: Resource): void {
    const stored = this.#definitions.get(key);
    if (!resource.isTerminating || resource.store.size > 0 || stored === undefined) return;
    const { finalizers = [], ...metadata } = stored.object.metadata;
    const rest = finalizers.filter((finalizer) => finalizer !== cleanupFinalizer);
    if (rest.length === 0) this.#definitions.delete(key, { ...stored.object, metadata });
    else if (rest.length < finalizers.length) {
      const kept = { ...metadata, finalizers: rest };
      this.#definitions.put({ ...stored.object, metadata: kept });
    }
  }
}
