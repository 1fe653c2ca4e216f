import { randomInt } from 'node:crypto';
import type { Answer } from './answer.ts';
import { pageNotFound } from './answer.ts';
import type { Faults } from './faults.ts';
import { forbiddenField } from './field-error.ts';
import type { VersionDefinition } from './kinds/definition.ts';
import type { Registry } from './registry.ts';
import type { ResourceRequest } from './request.ts';
import { parseVersion } from './rest/list-options.ts';
import { parseSelection } from './rest/list.ts';
import type { Operation, Resource } from './rest/operation.ts';
import { groupVersionOf } from './rest/operation.ts';
import type { Representation } from './rest/representation.ts';
import { negotiate } from './rest/representation.ts';
import type { Call } from './rest/verbs.ts';
import {
  handleConnected,
  handleScale,
  handleStatus,
  noSubresource,
  verbHandlers,
} from './rest/verbs.ts';
import { parseWriteOptions } from './rest/write-options.ts';
import { invalid, methodNotAllowed, unknownResource } from './status.ts';
import { WatchStream } from './watch/stream.ts';

export interface HandlerOptions {
  readonly registry: Registry;
  readonly faults: Faults;
  /** Milliseconds between bookmarks. */
  readonly bookmarkInterval: number;
}

/** Answers requests for resources: finds what they are about and calls the part that does it. */
export class ResourceHandler {
  readonly #registry: Registry;
  readonly #faults: Faults;
  readonly #bookmarkInterval: number;

  constructor({ registry, faults, bookmarkInterval }: HandlerOptions) {
    this.#registry = registry;
    this.#faults = faults;
    this.#bookmarkInterval = bookmarkInterval;
  }

  /** Throws `StatusError` for every refusal. */
  async handle(request: ResourceRequest, body: Buffer): Promise<Answer> {
    const resource = this.#registry.find(request.group, request.resource);
    const version = resource?.definition.versions.find(({ name }) => name === request.version);
    if (resource === undefined || version?.served !== true) return this.#unknown(request);
    if (!isAddressable(request, resource)) {
      const isForAll = request.namespace === '' && request.name === '';
      if (isForAll && !resource.definition.isCustom) throw methodNotAllowed();
      return this.#unknown(request);
    }
    // Decoding needs the schema; after its first use this does not wait for anything.
    await version.codec.load();
    const operation = this.#operationOf(request, resource, version);
    const representation = this.#representationOf(request, operation);
    const call = { request, operation, body, representation };
    switch (request.subresource) {
      case '':
        return request.verb === 'watch' ? this.#watch(call) : verbHandlers[request.verb](call);
      case 'status':
        return version.hasStatus ? handleStatus(call) : noSubresource(call);
      case 'scale':
        return version.scale ? handleScale(call) : noSubresource(call);
      default:
        return handleConnected(call);
    }
  }

  /** Groups that come from CustomResourceDefinitions have another handler in the real server. */
  #unknown({ group }: ResourceRequest): Answer {
    if (this.#registry.isBuiltIn(group)) throw unknownResource();
    return pageNotFound;
  }

  #operationOf(
    request: ResourceRequest,
    resource: Resource,
    version: VersionDefinition,
  ): Operation {
    return {
      cluster: this.#registry,
      clock: this.#registry.clock,
      resource,
      version,
      namespace: request.namespace,
      name: request.name,
      ...parseWriteOptions(request),
      warnings: [],
    };
  }

  #representationOf(request: ResourceRequest, operation: Operation): Representation {
    const { kind, listKind } = operation.resource.definition;
    return negotiate(request.headers.accept, {
      kind,
      listKind,
      apiVersion: groupVersionOf(operation),
      columns: operation.version.columns,
      now: () => operation.clock.now(),
      includeObject: request.query.get('includeObject') ?? '',
    });
  }

  #watch({ request, operation, representation }: Call): Answer {
    const { query } = request;
    if (query.get('sendInitialEvents') !== null) throw noInitialEvents();
    const { store, hub } = operation.resource;
    const seconds = Number(query.get('timeoutSeconds') ?? 0) || randomInt(1800, 3600);
    const parameters = {
      selection: parseSelection(operation, query),
      representation,
      version: parseVersion(query.get('resourceVersion') ?? ''),
      wantsBookmarks: isTrue(query.get('allowWatchBookmarks')),
      lifetime: this.#faults.watchLifetime ?? seconds * 1000,
      bookmarkInterval: this.#bookmarkInterval,
    };
    return {
      kind: 'stream',
      start: (response) => {
        const stream = new WatchStream(response, store, parameters);
        const untrack = this.#faults.track({ request, stream });
        response.once('close', untrack);
        stream.start(hub, operation.clock, parameters);
      },
    };
  }
}

/** Namespaced objects are reached through their namespace, lists of them also without. */
function isAddressable(
  { namespace, name, verb }: ResourceRequest,
  { definition }: Resource,
): boolean {
  if (!definition.namespaced) return namespace === '';
  return namespace !== '' || (name === '' && (verb === 'list' || verb === 'watch'));
}

/** Servers without the WatchList feature say this, and clients fall back to a list. */
function noInitialEvents(): Error {
  const detail =
    'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
  const kind = { group: 'meta.k8s.io', kind: 'ListOptions' };
  return invalid(kind, '', [forbiddenField('sendInitialEvents', detail)]);
}

function isTrue(text: string | null): boolean {
  return text === 'true' || text === '1';
}
