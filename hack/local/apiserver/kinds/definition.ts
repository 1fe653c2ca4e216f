import type { JsonObject } from '#api/json.ts';
import type { Clock } from '#runtime/clock.ts';
import type { FieldError } from '../field-error.ts';
import type { ApiObject } from '../object.ts';
import type { Decoded } from '../schema/decode.ts';
import type { Schema } from '../schema/types.ts';
import type { SelectableFields } from '../selectors/field.ts';
import type { Store } from '../storage/store.ts';
import type { Columns } from '../table/columns.ts';

/** One resource as data; generic code does the rest. */
export interface ResourceDefinition {
  readonly group: string;
  readonly kind: string;
  readonly listKind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Whether a CustomResourceDefinition describes it. */
  readonly isCustom: boolean;
  /** The version under which objects are kept. */
  readonly storageVersion: string;
  /** In order of preference. */
  readonly versions: readonly VersionDefinition[];
  readonly strategy: Strategy;
  /** Field selectors beyond `metadata.name` and `metadata.namespace`. */
  readonly selectable: SelectableFields;
}

export interface VersionDefinition {
  readonly name: string;
  readonly served: boolean;
  readonly codec: Codec;
  readonly columns: Columns;
  readonly hasStatus: boolean;
  readonly scale?: ScalePaths;
}

/** JSON paths as in CustomResourceDefinitions: `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/** How the body of a request becomes an object of one version of a kind. */
export interface Codec {
  /** Must have resolved before anything else is used. */
  load(): Promise<void>;
  readonly schema: Schema;
  /** Strategic merge patch needs the merge keys of a built-in type. */
  readonly acceptsStrategicPatch: boolean;
  /** Drops what the type does not have and fills defaults. Throws `DecodeError`. */
  decode(body: JsonObject): Decoded;
  /** Checks against the schema. */
  validate(object: ApiObject): FieldError[];
}

/** Answers questions about other objects, for admission. */
export interface Cluster {
  readonly clock: Clock;
  /** Throws when the server has no such resource. */
  store(group: string, plural: string): Store;
}

/**
 * What is particular to a kind. `draft` is the caller's own copy and may be changed at the top
 * level and in `metadata`; parts taken from `old` are shared and may not.
 */
export interface Strategy {
  readonly nameRule: 'subdomain' | 'label' | 'path';
  /** What `metadata.generation` counts changes of: all but metadata and status, or all but metadata. */
  readonly generation: 'none' | 'spec' | 'everything';
  /** Whether a PUT without `metadata.resourceVersion` overwrites. */
  readonly allowsUnconditionalUpdate: boolean;
  /** Whether a PUT of an object that does not exist creates it. */
  readonly allowsCreateOnUpdate: boolean;
  /** Whether the final answer to a deletion is the object instead of a Status. */
  readonly returnsDeleted: boolean;
  /** Admission: fills in what other objects decide, or throws `StatusError`. */
  admit(draft: ApiObject, cluster: Cluster): void;
  prepareForCreate(draft: ApiObject, cluster: Cluster): void;
  prepareForUpdate(draft: ApiObject, old: ApiObject): void;
  prepareForStatusUpdate(draft: ApiObject, old: ApiObject): void;
  validate(object: ApiObject): FieldError[];
  validateUpdate(object: ApiObject, old: ApiObject): FieldError[];
  /** Seconds between a deletion and the end of the object; `undefined`: none, deleted at once. */
  gracePeriod(object: ApiObject, requested: number | undefined): number | undefined;
  /** Called first when a deletion begins; may add what keeps the object. */
  prepareForDelete(draft: ApiObject): void;
  /** Whether something besides `metadata.finalizers` keeps a deleted object. */
  isHeld(object: ApiObject): boolean;
}

/** A kind with `spec` and `status` and nothing special. */
export const plainStrategy: Strategy = {
  nameRule: 'subdomain',
  generation: 'none',
  allowsUnconditionalUpdate: true,
  allowsCreateOnUpdate: false,
  returnsDeleted: false,
  admit: () => {},
  prepareForCreate: () => {},
  prepareForUpdate: () => {},
  prepareForStatusUpdate: (draft, old) => keepSpec(draft, old),
  validate: () => [],
  validateUpdate: () => [],
  gracePeriod: () => undefined,
  prepareForDelete: () => {},
  isHeld: () => false,
};

/** For kinds whose status only the status subresource may write. */
export const statusStrategy: Strategy = {
  ...plainStrategy,
  prepareForCreate: (draft) => void delete draft.status,
  prepareForUpdate: (draft, old) => keepStatus(draft, old),
};

export function keepStatus(draft: ApiObject, old: ApiObject): void {
  if (old.status === undefined) delete draft.status;
  else draft.status = old.status;
}

export function keepSpec(draft: ApiObject, old: ApiObject): void {
  if (old.spec === undefined) delete draft.spec;
  else draft.spec = old.spec;
}
