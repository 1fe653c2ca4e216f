import { randomInt } from 'node:crypto';
import type { JsonObject } from '#api/json.ts';
import type { Answer } from './answer.ts';
import { json, pageNotFound } from './answer.ts';
import { mediaTypeOf, parseJson, parseObject } from './body.ts';
import type { Faults } from './faults.ts';
import { forbiddenField } from './field-error.ts';
import type { VersionDefinition } from './kinds/definition.ts';
import type { Registry } from './registry.ts';
import type { ResourceRequest, Verb } from './request.ts';
import { createObject } from './rest/create.ts';
import type { DeleteOptions } from './rest/delete.ts';
import { deleteObject, deleteStored, parseDeleteOptions } from './rest/delete.ts';
import { listObjects, parseSelection, parseVersion } from './rest/list.ts';
import type { Operation, Resource } from './rest/operation.ts';
import { groupVersionOf } from './rest/operation.ts';
import { applyPatch, patchObject } from './rest/patch.ts';
import type { Representation } from './rest/representation.ts';
import { negotiate } from './rest/representation.ts';
import { parseWriteOptions } from './rest/write-options.ts';
import { bindPod } from './rest/subresources/binding.ts';
import { evictPod } from './rest/subresources/eviction.ts';
import { finalizeNamespace } from './rest/subresources/finalize.ts';
import { getScale, updateScale } from './rest/subresources/scale.ts';
import { updateObject } from './rest/update.ts';
import { invalid, methodNotAllowed, notFound } from './status.ts';
import type { StatusObject } from './status.ts';
import { Stored } from './storage/stored.ts';
import { keyOf } from './storage/store.ts';
import { WatchStream } from './watch/stream.ts';

export interface HandlerOptions {
  readonly registry: Registry;
  readonly faults: Faults;
  /** Milliseconds between bookmarks. */
  readonly bookmarkInterval: number;
}

/** One request in the middle of being answered. */
interface Call {
  readonly request: ResourceRequest;
  readonly operation: Operation;
  readonly body: Buffer;
  readonly representation: Representation;
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
    if (resource === undefined || version?.served !== true) return pageNotFound;
    if (!isAddressable(request, resource)) return pageNotFound;
    // Decoding needs the schema; after its first use this does not wait for anything.
    await version.codec.load();
    const operation = this.#operationOf(request, resource, version);
    const representation = this.#representationOf(request, operation);
    const call = { request, operation, body, representation };
    switch (request.subresource) {
      case '':
        return request.verb === 'watch' ? this.#watch(call) : verbHandlers[request.verb](call);
      case 'status':
        return version.hasStatus ? handleStatus(call) : pageNotFound;
      case 'scale':
        return version.scale ? handleScale(call) : pageNotFound;
      default:
        return handleConnected(call);
    }
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
        const untrack = this.#faults.track({ request, selection: parameters.selection, stream });
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

function get({ request, operation, representation }: Call): Answer {
  const { resource, namespace, name } = operation;
  parseVersion(request.query.get('resourceVersion') ?? '');
  const stored = resource.store.get(keyOf(namespace, name));
  if (stored === undefined) throw notFound(resource.definition, name);
  return json(200, representation.object(stored));
}

function list({ request, operation, representation }: Call): Answer {
  const { items, metadata } = listObjects(operation, request.query);
  return json(200, representation.list(items, metadata));
}

async function create({ request, operation, body, representation }: Call): Promise<Answer> {
  if (request.name !== '') throw methodNotAllowed();
  const object = await parseObject(body, mediaTypeOf(request.headers['content-type']));
  const stored = createObject(operation, object);
  return json(201, representation.object(stored), operation.warnings);
}

async function update(
  { request, operation, body, representation }: Call,
  subresource: '' | 'status',
): Promise<Answer> {
  const object = await parseObject(body, mediaTypeOf(request.headers['content-type']));
  const { stored, wasCreated } = updateObject(operation, object, subresource);
  return json(wasCreated ? 201 : 200, representation.object(stored), operation.warnings);
}

async function patch(
  { request, operation, body, representation }: Call,
  subresource: '' | 'status',
): Promise<Answer> {
  const type = mediaTypeOf(request.headers['content-type']);
  const stored = await patchObject(operation, type, () => parseJson(body), subresource);
  return json(200, representation.object(stored), operation.warnings);
}

async function remove(call: Call): Promise<Answer> {
  return written(call, 200, deleteObject(call.operation, await deleteOptionsOf(call)));
}

async function removeCollection(call: Call): Promise<Answer> {
  const { request, operation, representation } = call;
  if (operation.resource.definition.kind === 'Namespace') throw methodNotAllowed();
  const options = await deleteOptionsOf(call);
  const { items, metadata } = listObjects(operation, request.query);
  for (const stored of items) deleteStored(operation, stored, options);
  return json(200, representation.list(items, metadata));
}

async function deleteOptionsOf({ request, body }: Call): Promise<DeleteOptions> {
  const type = mediaTypeOf(request.headers['content-type']);
  return parseDeleteOptions(
    body.length === 0 ? undefined : await parseObject(body, type),
    request.query,
  );
}

/** What each verb does to an object or a collection; a watch also needs the server. */
const verbHandlers: Record<Exclude<Verb, 'watch'>, (call: Call) => Answer | Promise<Answer>> = {
  get,
  list,
  create,
  update: (call) => update(call, ''),
  patch: (call) => patch(call, ''),
  delete: remove,
  deletecollection: removeCollection,
};

async function handleStatus(call: Call): Promise<Answer> {
  const { verb } = call.request;
  if (verb === 'get') return get(call);
  if (verb === 'update') return update(call, 'status');
  if (verb === 'patch') return patch(call, 'status');
  throw methodNotAllowed();
}

async function handleScale({ request, operation, body }: Call): Promise<Answer> {
  const { scale } = operation.version;
  if (scale === undefined) return pageNotFound;
  const type = mediaTypeOf(request.headers['content-type']);
  const current = getScale(operation, scale);
  if (request.verb === 'get') return json(200, current);
  if (request.verb === 'update') {
    return json(200, updateScale(operation, scale, await parseObject(body, type)));
  }
  if (request.verb !== 'patch') throw methodNotAllowed();
  const patched = await applyPatch(operation, type, current, parseJson(body));
  return json(200, updateScale(operation, scale, patched));
}

/** Subresources of single kinds. */
async function handleConnected(call: Call): Promise<Answer> {
  const { request, operation, body } = call;
  const isPod = request.group === '' && request.resource === 'pods';
  const isNamespace = request.group === '' && request.resource === 'namespaces';
  const object = (): Promise<JsonObject> =>
    parseObject(body, mediaTypeOf(request.headers['content-type']));
  if (isPod && request.subresource === 'binding' && request.verb === 'create') {
    return json(201, bindPod(operation, await object()));
  }
  if (isPod && request.subresource === 'eviction' && request.verb === 'create') {
    return json(201, evictPod(operation, await object()));
  }
  if (isNamespace && request.subresource === 'finalize' && request.verb === 'update') {
    return written(call, 200, finalizeNamespace(operation, await object()));
  }
  return pageNotFound;
}

function written({ representation }: Call, code: number, result: Stored | StatusObject): Answer {
  return json(code, result instanceof Stored ? representation.object(result) : result);
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
