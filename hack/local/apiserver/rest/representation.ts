/** The forms in which a client may ask for objects: as they are, their metadata only, or as a table. */
import type { ApiObject } from '../object.ts';
import { view } from '../object.ts';
import { badRequest, notAcceptable } from '../status.ts';
import type { Stored } from '../storage/stored.ts';
import type { Columns } from '../table/columns.ts';

export interface ListMetadata {
  resourceVersion: string;
  continue?: string;
  remainingItemCount?: number;
}

/** Writes JSON text. */
export interface Representation {
  object(stored: Stored): string;
  list(items: readonly Stored[], metadata: ListMetadata): string;
  /** The object of a bookmark: nothing but a version. */
  bookmark(resourceVersion: string): string;
}

export interface RepresentationOptions {
  readonly kind: string;
  readonly listKind: string;
  readonly apiVersion: string;
  readonly columns: Columns;
  readonly now: () => number;
  /** `includeObject` of the query. */
  readonly includeObject: string;
}

/** The first of the accepted media types that the server can write; throws 406 when there is none. */
export function negotiate(
  accept: string | undefined,
  options: RepresentationOptions,
): Representation {
  for (const clause of (accept ?? '*/*').split(',')) {
    const [type = '', ...rest] = clause.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*', ''].includes(type)) continue;
    const parameters = Object.fromEntries(rest.map((part) => part.split('=')));
    const { as, g, v } = view<{ as?: string; g?: string; v?: string }>(parameters);
    if (as === undefined) return new PlainRepresentation(options);
    if (g !== 'meta.k8s.io' || v !== 'v1') continue;
    if (as === 'Table') {
      checkIncludeObject(options.includeObject);
      return new TableRepresentation(options);
    }
    if (as.startsWith('PartialObjectMetadata')) return new MetadataRepresentation();
  }
  throw notAcceptable();
}

function checkIncludeObject(value: string): void {
  if (['', 'Metadata', 'Object', 'None'].includes(value)) return;
  const why = `includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: ${why}`);
}

class PlainRepresentation implements Representation {
  readonly #options: RepresentationOptions;

  constructor(options: RepresentationOptions) {
    this.#options = options;
  }

  object(stored: Stored): string {
    return stored.as(this.#options.apiVersion).json;
  }

  list(items: readonly Stored[], metadata: ListMetadata): string {
    const { listKind: kind, apiVersion } = this.#options;
    return listText(
      { kind, apiVersion, metadata },
      'items',
      items.map((item) => this.object(item)),
    );
  }

  bookmark(resourceVersion: string): string {
    const { kind, apiVersion } = this.#options;
    const metadata = { resourceVersion, creationTimestamp: null };
    return JSON.stringify({ kind, apiVersion, metadata });
  }
}

const metaVersion = 'meta.k8s.io/v1';

class MetadataRepresentation implements Representation {
  readonly #kind = 'PartialObjectMetadata';

  object({ object }: Stored): string {
    return JSON.stringify(partial(object));
  }

  list(items: readonly Stored[], metadata: ListMetadata): string {
    const head = { kind: `${this.#kind}List`, apiVersion: metaVersion, metadata };
    return listText(
      head,
      'items',
      items.map((item) => this.object(item)),
    );
  }

  bookmark(resourceVersion: string): string {
    const metadata = { resourceVersion, creationTimestamp: null };
    return JSON.stringify({ kind: this.#kind, apiVersion: metaVersion, metadata });
  }
}

class TableRepresentation implements Representation {
  readonly #options: RepresentationOptions;

  constructor(options: RepresentationOptions) {
    this.#options = options;
  }

  object(stored: Stored): string {
    const { resourceVersion = '' } = stored.object.metadata;
    return this.list([stored], { resourceVersion });
  }

  list(items: readonly Stored[], metadata: ListMetadata): string {
    const { columns } = this.#options;
    const head = {
      kind: 'Table',
      apiVersion: metaVersion,
      metadata,
      columnDefinitions: columns.definitions,
    };
    return listText(
      head,
      'rows',
      items.map((item) => this.#row(item)),
    );
  }

  bookmark(resourceVersion: string): string {
    const row = { cells: [], object: JSON.parse(this.#bookmarkObject(resourceVersion)) as unknown };
    const head = { kind: 'Table', apiVersion: metaVersion, metadata: { resourceVersion } };
    return JSON.stringify({ ...head, columnDefinitions: [], rows: [row] });
  }

  #row(stored: Stored): string {
    const { columns, now, includeObject, apiVersion } = this.#options;
    const cells = JSON.stringify(columns.cells(stored.object, now()));
    if (includeObject === 'None') return `{"cells":${cells},"object":null}`;
    const object =
      includeObject === 'Object'
        ? stored.as(apiVersion).json
        : JSON.stringify(partial(stored.object));
    return `{"cells":${cells},"object":${object}}`;
  }

  #bookmarkObject(resourceVersion: string): string {
    const metadata = { resourceVersion, creationTimestamp: null };
    return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: metaVersion, metadata });
  }
}

function partial({ metadata }: ApiObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: metaVersion, metadata };
}

/** Puts texts of items that exist already into a list without parsing them again. */
function listText(head: object, member: string, items: string[]): string {
  return `${JSON.stringify(head).slice(0, -1)},"${member}":[${items.join(',')}]}`;
}
