import type { JsonObject } from '#api/json.ts';
import type { ResourceDefinition, Strategy, VersionDefinition } from '../kinds/definition.ts';
import { keepStatus, plainStrategy } from '../kinds/definition.ts';
import type { ApiObject } from '../object.ts';
import { getPath, view } from '../object.ts';
import type { BuiltInSchemas } from '../schema/built-in.ts';
import type { Schema } from '../schema/types.ts';
import type { FieldGetter } from '../selectors/field.ts';
import { CustomCodec } from './codec.ts';
import type { PrinterColumn } from './columns.ts';
import { columnsOf } from './columns.ts';
import type { CustomResourceDefinition } from './strategy.ts';

type Version = CustomResourceDefinition['spec']['versions'][number];

/** What a CustomResourceDefinition asks the server to serve. */
export function definitionOf(
  { spec }: CustomResourceDefinition,
  schemas: BuiltInSchemas,
): ResourceDefinition {
  const { names } = spec;
  const storage = spec.versions.find((version) => version.storage);
  const hasStatus = spec.versions.some(({ subresources }) => subresources?.status !== undefined);
  return {
    group: spec.group,
    kind: names.kind,
    listKind: names.listKind ?? `${names.kind}List`,
    plural: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: spec.scope === 'Namespaced',
    isCustom: true,
    storageVersion: storage?.name ?? '',
    versions: spec.versions
      .toSorted((left, right) => compareVersions(left.name, right.name))
      .map((version) => versionOf(version, schemas)),
    strategy: strategyOf(hasStatus),
    selectable: Object.fromEntries(
      (storage?.selectableFields ?? []).map(({ jsonPath }) => [
        jsonPath.slice(1),
        textAt(jsonPath.slice(1).split('.')),
      ]),
    ),
  };
}

function textAt(path: string[]): FieldGetter {
  return (object) => {
    const found = getPath(object, path);
    if (typeof found === 'string') return found;
    return typeof found === 'number' || typeof found === 'boolean' ? String(found) : '';
  };
}

function versionOf(version: Version, schemas: BuiltInSchemas): VersionDefinition {
  const { subresources } = version;
  return {
    name: version.name,
    served: version.served,
    codec: new CustomCodec(schemas, view<Schema>(version.schema?.openAPIV3Schema ?? {})),
    columns: columnsOf(view<PrinterColumn[] | undefined>(version.additionalPrinterColumns)),
    hasStatus: subresources?.status !== undefined,
    ...(subresources?.scale && { scale: subresources.scale }),
  };
}

/** pkg/registry/customresource/{strategy,status_strategy}.go of apiextensions-apiserver. */
function strategyOf(hasStatus: boolean): Strategy {
  return {
    ...plainStrategy,
    generation: hasStatus ? 'spec' : 'everything',
    allowsUnconditionalUpdate: false,
    prepareForCreate(draft) {
      if (hasStatus) delete draft.status;
    },
    prepareForUpdate(draft, old) {
      if (hasStatus) keepStatus(draft, old);
    },
    prepareForStatusUpdate: keepAllButStatus,
  };
}

function keepAllButStatus(draft: ApiObject, old: ApiObject): void {
  const { status } = draft as { status?: JsonObject };
  for (const key of Object.keys(draft)) delete draft[key];
  Object.assign(draft, old, { metadata: { ...old.metadata } });
  if (status === undefined) delete draft.status;
  else draft.status = status;
}

/** `v2` before `v1` before `v2beta1` before `v1alpha1` before other names, as discovery sorts. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [rank(left), rank(right)];
  if (a === undefined || b === undefined) {
    if (a !== undefined) return -1;
    if (b !== undefined) return 1;
    return left < right ? -1 : 1;
  }
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return other - value;
  }
  return 0;
}

function rank(version: string): number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return undefined;
  const stability = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return [stability, Number(match[1]), Number(match[3] ?? 0)];
}
