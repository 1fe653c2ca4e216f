import { view } from '../object.ts';
import { metadataFields, parseFieldSelector } from '../selectors/field.ts';
import { parseLabelSelector } from '../selectors/label.ts';
import { badRequest, expired, StatusError } from '../status.ts';
import { keyOfObject } from '../storage/store.ts';
import type { Stored } from '../storage/stored.ts';
import type { Selection } from '../watch/hub.ts';
import { isSelected } from '../watch/hub.ts';
import type { ListOptions } from './list-options.ts';
import { parseListOptions, parseVersion } from './list-options.ts';
import type { Operation } from './operation.ts';
import type { ListMetadata } from './representation.ts';

export interface Page {
  items: Stored[];
  metadata: ListMetadata;
}

/** Selectors of the query; throws 400 for what cannot be understood or selected by. */
export function parseSelection(
  { resource, namespace }: Pick<Operation, 'resource' | 'namespace'>,
  query: URLSearchParams,
): Selection {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  return {
    namespace,
    labels: labels === '' ? [] : parseLabelSelector(labels),
    fields:
      fields === ''
        ? []
        : parseFieldSelector(fields, { ...metadataFields, ...resource.definition.selectable }),
  };
}

/** One page of a collection, in the order of namespaces and names. */
export function listObjects(operation: Operation, query: URLSearchParams): Page {
  const { store } = operation.resource;
  const selection = parseSelection(operation, query);
  const options = parseListOptions(query);
  const { limit } = options;
  const { version, after } = startOf(operation, options);
  const prefix = selection.namespace === '' ? '' : `${selection.namespace}/`;
  const isCurrent = version === store.version;
  const source = isCurrent ? store.list(prefix, after) : store.listAt(version, prefix, after);

  const items: Stored[] = [];
  let rest = 0;
  for (const stored of source) {
    // Past a full page nobody looks who is selected: the next page may be empty.
    if (limit > 0 && items.length === limit) rest++;
    else if (isSelected(selection, stored)) items.push(stored);
  }
  const last = items.at(-1);
  const metadata: ListMetadata = { resourceVersion: String(version) };
  if (rest > 0 && last !== undefined) {
    metadata.continue = encodeToken({ rv: version, start: keyOfObject(last.object) });
    // With selectors the real server does not know how many match, and so does not say.
    const isUnselected = selection.labels.length === 0 && selection.fields.length === 0;
    if (isUnselected) metadata.remainingItemCount = rest;
  }
  return { items, metadata };
}

interface ContinueToken {
  /** The version of the first page; 0: continue with what is there now. */
  rv: number;
  /** The last key of the page before. */
  start: string;
}

/** The version to list at and the key after which to start. */
function startOf(
  { resource }: Operation,
  options: ListOptions,
): { version: number; after: string } {
  const { store } = resource;
  const { continuation: text, resourceVersion } = options;
  if (text === '') return { version: versionOf(store, options), after: '' };
  if (!['', '0'].includes(resourceVersion)) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { rv, start } = decodeToken(text);
  if (rv === 0) return { version: store.version, after: start };
  if (rv >= store.compacted) return { version: rv, after: start };
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list. Objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata.continue = encodeToken({ rv: 0, start });
  throw error;
}

/** Only an exact version looks into the past. */
function versionOf(
  store: { version: number; compacted: number },
  { resourceVersion, isExact }: ListOptions,
): number {
  const asked = parseVersion(resourceVersion);
  if (asked > store.version) {
    const message = `Timeout: Too large resource version: ${asked}, current: ${store.version}`;
    throw new StatusError(504, 'Timeout', message, {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    });
  }
  if (!isExact || asked === 0) return store.version;
  if (asked < store.compacted) {
    throw expired(`The resourceVersion for the provided list is too old.`);
  }
  return asked;
}

function encodeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', ...token })).toString('base64url');
}

function decodeToken(text: string): ContinueToken {
  try {
    const token = view<ContinueToken>(JSON.parse(Buffer.from(text, 'base64url').toString()));
    if (typeof token.rv === 'number' && typeof token.start === 'string') return token;
  } catch {
    // Falls through to the one answer for every malformed token.
  }
  throw badRequest('continue key is not valid');
}
