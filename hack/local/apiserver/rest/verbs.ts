/** From a request to the part that does it, and from its result to an answer. */
import type { JsonObject } from '#api/json.ts';
import type { Answer } from '../answer.ts';
import { json } from '../answer.ts';
import { admitToNamespace } from '../kinds/namespace.ts';
import { mediaTypeOf, parseJson, parseObject } from '../body.ts';
import type { ResourceRequest, Verb } from '../request.ts';
import type { StatusObject } from '../status.ts';
import { methodNotAllowed, notFound, unknownResource } from '../status.ts';
import { keyOf } from '../storage/store.ts';
import { Stored } from '../storage/stored.ts';
import { createObject } from './create.ts';
import type { DeleteOptions } from './delete.ts';
import { deleteObject, deleteStored, parseDeleteOptions } from './delete.ts';
import { parseVersion } from './list-options.ts';
import { listObjects } from './list.ts';
import type { Operation } from './operation.ts';
import { applyPatch, patchObject } from './patch.ts';
import type { Representation } from './representation.ts';
import { bindPod } from './subresources/binding.ts';
import { evictPod } from './subresources/eviction.ts';
import { finalizeNamespace } from './subresources/finalize.ts';
import { getScale, updateScale } from './subresources/scale.ts';
import { updateObject } from './update.ts';

/** One request in the middle of being answered. */
export interface Call {
  readonly request: ResourceRequest;
  readonly operation: Operation;
  readonly body: Buffer;
  readonly representation: Representation;
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
  if (request.name === '') throw methodNotAllowed();
  const object = await parseObject(body, mediaTypeOf(request.headers['content-type']));
  const { stored, wasCreated } = updateObject(operation, object, subresource);
  return json(wasCreated ? 201 : 200, representation.object(stored), operation.warnings);
}

async function patch(
  { request, operation, body, representation }: Call,
  subresource: '' | 'status',
): Promise<Answer> {
  if (request.name === '') throw methodNotAllowed();
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
export const verbHandlers: Record<
  Exclude<Verb, 'watch'>,
  (call: Call) => Answer | Promise<Answer>
> = {
  get,
  list,
  create,
  update: (call) => update(call, ''),
  patch: (call) => patch(call, ''),
  delete: remove,
  deletecollection: removeCollection,
};

export async function handleStatus(call: Call): Promise<Answer> {
  const { verb } = call.request;
  if (verb === 'get') return get(call);
  if (verb === 'update') return update(call, 'status');
  if (verb === 'patch') return patch(call, 'status');
  throw methodNotAllowed();
}

export async function handleScale({ request, operation, body }: Call): Promise<Answer> {
  const { scale } = operation.version;
  if (scale === undefined) return noSubresource({ request, operation });
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

/** What is created below a Pod. */
const podConnectors: Record<string, (operation: Operation, body: JsonObject) => StatusObject> = {
  binding: bindPod,
  eviction: evictPod,
};

/** Subresources of single kinds. */
export async function handleConnected(call: Call): Promise<Answer> {
  const { request, operation, body } = call;
  const isPod = request.group === '' && request.resource === 'pods';
  const isNamespace = request.group === '' && request.resource === 'namespaces';
  const isRequest =
    request.group === 'certificates.k8s.io' && request.resource === 'certificatesigningrequests';
  const object = (): Promise<JsonObject> =>
    parseObject(body, mediaTypeOf(request.headers['content-type']));
  if (isPod && request.verb === 'create') {
    const connect = podConnectors[request.subresource];
    if (connect === undefined) return noSubresource(call);
    const created = await object();
    admitToNamespace(operation.cluster, operation.resource.definition, operation);
    return json(201, connect(operation, created));
  }
  if (isNamespace && request.subresource === 'finalize' && request.verb === 'update') {
    return written(call, 200, finalizeNamespace(operation, await object()));
  }
  if (isRequest && request.subresource === 'approval' && request.verb === 'update') {
    return update(call, 'status');
  }
  return noSubresource(call);
}

/** The answer for a subresource that the kind does not have. */
export function noSubresource({ request, operation }: Pick<Call, 'request' | 'operation'>): never {
  const { definition } = operation.resource;
  throw definition.isCustom ? notFound(definition, request.name) : unknownResource();
}

function written({ representation }: Call, code: number, result: Stored | StatusObject): Answer {
  return json(code, result instanceof Stored ? representation.object(result) : result);
}
