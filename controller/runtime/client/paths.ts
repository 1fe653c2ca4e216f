import type { Kind } from '#api/kind.ts';
import type { ObjectKey, Subresource } from './client.ts';

/** The path of a kind's collection: of one namespace, or of all when `namespace` is empty. */
export function collectionPath(kind: Kind, namespace = ''): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  const scope =
    kind.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${kind.plural}`;
}

/**
 * The path of one object.
 *
 * @throws TypeError when the key lacks what a path needs: without this, an empty name would address
 * the whole collection, and a DELETE would empty it.
 */
export function objectPath(kind: Kind, key: ObjectKey, subresource?: Subresource): string {
  if (key.name === '') throw new TypeError(`${kind.kind}: an empty name`);
  requireNamespace(kind, key.namespace);
  const path = `${collectionPath(kind, key.namespace)}/${encodeURIComponent(key.name)}`;
  return subresource === undefined ? path : `${path}/${subresource}`;
}

/** The path to create an object at. */
export function creationPath(kind: Kind, namespace: string | undefined): string {
  requireNamespace(kind, namespace ?? '');
  return collectionPath(kind, namespace);
}

function requireNamespace(kind: Kind, namespace: string): void {
  if (kind.namespaced && namespace === '') throw new TypeError(`${kind.kind}: an empty namespace`);
}

/** `?a=1&b=2` of what is set; `''` when nothing is. */
export function queryString(parameters: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  return search.size === 0 ? '' : `?${search.toString()}`;
}
