import type { JsonObject } from '#api/json.ts';
import { apiVersionOf } from '#api/kind.ts';
import type { ObjectMeta } from '#api/meta.ts';
import type { Clock } from '#runtime/clock.ts';
import type { FieldError } from '../field-error.ts';
import { invalidValue } from '../field-error.ts';
import type { Cluster, Codec, ResourceDefinition, VersionDefinition } from '../kinds/definition.ts';
import type { ApiObject } from '../object.ts';
import { view } from '../object.ts';
import { DecodeError } from '../schema/decode.ts';
import type { StatusError } from '../status.ts';
import { badRequest, internalError, invalid } from '../status.ts';
import type { Store } from '../storage/store.ts';
import type { WatchHub } from '../watch/hub.ts';
import type { WatchStream } from '../watch/stream.ts';

/** A resource that the server serves: its description, its objects and its watches. */
export interface Resource {
  /** Replaced when a CustomResourceDefinition changes. */
  definition: ResourceDefinition;
  readonly store: Store;
  readonly hub: WatchHub<WatchStream>;
  /** Set while a CustomResourceDefinition goes away: objects may only leave. */
  isTerminating: boolean;
}

/** One request to read or write a resource, past parsing and look-up. */
export interface Operation {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly version: VersionDefinition;
  readonly namespace: string;
  readonly name: string;
  readonly isDryRun: boolean;
  readonly fieldValidation: FieldValidation;
  /** Sent back as `Warning` headers. */
  readonly warnings: string[];
}

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

export function groupVersionOf({ resource, version }: Operation): string {
  return apiVersionOf({ group: resource.definition.group, version: version.name });
}

/**
 * Turns a body into an object of the operation's kind: unknown fields dropped, defaults filled.
 * Unknown fields are an error, a warning or nothing, as the client asked.
 */
export function decodeBody(operation: Operation, body: JsonObject): ApiObject {
  const { resource, version } = operation;
  const { kind } = resource.definition;
  checkType(operation, body);
  const { object, unknownFields } = decodeOr(version.codec, body, (error) =>
    badRequest(
      `${kind} in version "${version.name}" cannot be handled as a ${kind}: ${error.message}`,
    ),
  );
  reportUnknown(operation, unknownFields, (text) =>
    badRequest(
      `${kind} in version "${version.name}" cannot be handled as a ${kind}: strict decoding error: ${text}`,
    ),
  );
  return asStored(operation, object);
}

/** A body may not name another kind and version; for built-in kinds it may leave them out. */
function checkType(operation: Operation, body: JsonObject): void {
  const { definition } = operation.resource;
  const { kind } = definition;
  const apiVersion = groupVersionOf(operation);
  const { kind: foundKind, apiVersion: foundVersion } = body;
  if (definition.isCustom && !foundKind) {
    throw badRequest(
      `${kind} in version "${operation.version.name}" cannot be handled as a ${kind}: Object 'Kind' is missing in '${JSON.stringify(body)}'`,
    );
  }
  if (definition.isCustom && !foundVersion) {
    throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  }
  if ((foundVersion ?? apiVersion) !== apiVersion) {
    throw badRequest(
      `the API version in the data (${textOf(foundVersion)}) does not match the expected API version (${apiVersion})`,
    );
  }
  if ((foundKind ?? kind) === kind) return;
  if (definition.isCustom) throw wrongType(operation, body);
  throw badRequest(
    `the kind in the data (${textOf(foundKind)}) does not match the expected kind (${kind})`,
  );
}

/** A custom resource that says it is of another type. */
export function wrongType(operation: Operation, body: JsonObject): StatusError {
  const { kind } = operation.resource.definition;
  const apiVersion = groupVersionOf(operation);
  const [foundKind, foundVersion] = [textOf(body['kind']), textOf(body['apiVersion'])];
  const { name = '' } = view<ObjectMeta>(body['metadata'] ?? {});
  const group = foundVersion.split('/', 1)[0] ?? '';
  return invalid({ group, kind: foundKind }, name, [
    ...(foundKind === kind ? [] : [invalidValue('kind', foundKind, `must be ${kind}`)]),
    ...(foundVersion === apiVersion
      ? []
      : [invalidValue('apiVersion', foundVersion, `must be ${apiVersion}`)]),
  ]);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Runs the codec and words its errors. */
export function decodeOr(
  codec: Codec,
  body: JsonObject,
  word: (error: DecodeError) => Error,
): ReturnType<Codec['decode']> {
  try {
    return codec.decode(body);
  } catch (error) {
    throw error instanceof DecodeError ? word(error) : error;
  }
}

export function reportUnknown(
  { fieldValidation, warnings }: Operation,
  unknownFields: string[],
  word: (text: string) => Error,
): void {
  if (unknownFields.length === 0 || fieldValidation === 'Ignore') return;
  const texts = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (fieldValidation === 'Strict') throw word(texts.join(', '));
  warnings.push(...texts);
}

/** Gives a decoded object the members that every stored object has. */
export function asStored({ resource }: Operation, object: JsonObject): ApiObject {
  const { group, kind, storageVersion } = resource.definition;
  const apiVersion = apiVersionOf({ group, version: storageVersion });
  const { metadata, ...rest } = object;
  // Nobody applies on this server, so nobody's fields are managed.
  const { managedFields: _, ...kept } = view<ObjectMeta & { managedFields?: unknown }>(
    metadata ?? {},
  );
  return { ...rest, kind, apiVersion, metadata: kept };
}

export function throwIfInvalid({ resource }: Operation, name: string, errors: FieldError[]): void {
  if (errors.length > 0) throw invalid(resource.definition, name, errors);
}
