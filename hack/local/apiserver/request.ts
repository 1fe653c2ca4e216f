import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { badRequest } from './status.ts';

export type Verb =
  'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** A request for a resource, read from its method and URL as kube-apiserver's RequestInfo does. */
export interface ResourceRequest {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  /** `''`: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** `''`: the collection. */
  readonly name: string;
  readonly subresource: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly userAgent: string;
}

/** `undefined` when the path is not one of a resource (`/healthz`, `/apis`, …). */
export function parseResourceRequest(request: IncomingMessage): ResourceRequest | undefined {
  const [path, queryText] = splitOnce(request.url ?? '/', '?');
  const [root, ...segments] = path.slice(1).split('/').map(decodeSegment);
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : (segments.shift() ?? '');
  const version = segments.shift() ?? '';
  if (segments.length === 0 || segments.some((segment) => segment === '')) return undefined;
  // Not stored: the answer to a review is its own status.
  if (group === 'authorization.k8s.io') return undefined;

  const query = new URLSearchParams(queryText);
  const target = parseTarget(segments);
  return {
    verb: verbOf(request.method ?? 'GET', target.name, query),
    group,
    version,
    ...target,
    query,
    headers: request.headers,
    userAgent: request.headers['user-agent'] ?? '',
  };
}

/** `namespaces/x/pods/y/status` → pods y in x; `namespaces/x/finalize` → namespaces x. */
function parseTarget(
  segments: string[],
): Pick<ResourceRequest, 'resource' | 'namespace' | 'name' | 'subresource'> {
  const [first = '', second = '', third = ''] = segments;
  const isInNamespace =
    first === 'namespaces' && third !== '' && third !== 'status' && third !== 'finalize';
  const [resource = '', name = '', subresource = ''] = isInNamespace ? segments.slice(2) : segments;
  return { resource, namespace: isInNamespace ? second : '', name, subresource };
}

function verbOf(method: string, name: string, query: URLSearchParams): Verb {
  const watch = query.get('watch');
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (name !== '') return 'get';
      return watch === 'true' || watch === '1' ? 'watch' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      throw badRequest(`unknown method ${method}`);
  }
}

function decodeSegment(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(segment)}`);
  }
}

export function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
