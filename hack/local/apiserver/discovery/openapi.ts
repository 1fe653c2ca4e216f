/**
 * OpenAPI v3 as far as kubectl reads it: which paths take `fieldValidation` and which patches (for
 * `apply`), and the schemas of kinds (for `explain` and merge keys).
 */
import { apiVersionOf } from '#api/kind.ts';
import type { ResourceDefinition, VersionDefinition } from '../kinds/definition.ts';
import type { Resource } from '../rest/operation.ts';
import { typeNameOf } from '../schema/built-in.ts';
import { describeModel } from '../schema/descriptions.ts';
import type { BuiltInSchema, Schema } from '../schema/types.ts';
import { version as serverVersion } from './version.ts';

type Json = Record<string, unknown>;

export function openApiIndex(groupVersions: string[]): object {
  const paths = Object.fromEntries(
    groupVersions.map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}` }]),
  );
  return { paths };
}

export async function openApiDocument(
  resources: Resource[],
  group: string,
  versionName: string,
): Promise<object> {
  const schemas = new Components();
  const paths: Json = {};
  for (const { definition } of resources) {
    const version = definition.versions.find(({ name }) => name === versionName);
    if (version === undefined) continue;
    await version.codec.load();
    const gvk = { group, version: versionName, kind: definition.kind };
    const name = await schemas.addKind(gvk, version.codec.schema);
    Object.assign(paths, pathsOf(definition, version, gvk, `#/components/schemas/${name}`));
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: serverVersion.gitVersion },
    paths,
    components: { schemas: schemas.all },
  };
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** Named schemas; built-in types refer to each other by name, so that recursion ends. */
class Components {
  readonly all: Record<string, Json> = {};

  async addKind(gvk: GroupVersionKind, schema: BuiltInSchema): Promise<string> {
    const name = nameOfKind(gvk);
    const written =
      schema.model === undefined ? describeCustom(schema, gvk.kind) : await this.#write(schema);
    this.all[name] = { ...written, 'x-kubernetes-group-version-kind': [gvk] };
    return name;
  }

  /** A type that the client has a model of, with the client's words. */
  async #write({ properties = {}, model = '' }: BuiltInSchema): Promise<Json> {
    const { text, fields, required } = await describeModel(model);
    const written: Json = {};
    for (const [name, property] of Object.entries(properties)) {
      const description = fields.get(name);
      written[name] = {
        ...(await this.#writeField(property)),
        ...(description && { description }),
      };
    }
    const isRequired = required.length > 0 && { required };
    return { type: 'object', description: text, ...isRequired, properties: written };
  }

  async #writeField(schema: BuiltInSchema): Promise<Json> {
    const { model, items, additionalProperties, format, ...rest } = schema;
    if (model !== undefined)
      return { allOf: [await this.#reference(schema)], ...extensionsOf(rest) };
    if (rest['x-kubernetes-int-or-string']) {
      return { oneOf: [{ type: 'integer' }, { type: 'string' }] };
    }
    return {
      ...rest,
      // Formats that only this server knows mean text.
      ...(format !== undefined && !ownFormats.has(format) && { format }),
      ...(items && { items: await this.#writeField(items) }),
      ...(typeof additionalProperties === 'object' && {
        additionalProperties: await this.#writeField(additionalProperties),
      }),
    };
  }

  async #reference(schema: BuiltInSchema): Promise<Json> {
    const name = `io.k8s.${typeNameOf(schema.model ?? '')}`;
    if (this.all[name] === undefined) {
      // Known before it is written: a type may contain itself.
      this.all[name] = {};
      this.all[name] = await this.#write(schema);
    }
    return { $ref: `#/components/schemas/${name}` };
  }
}

const ownFormats = new Set(['quantity', 'micro-time']);

/** Custom kinds carry their schema whole; what every object has is added. */
function describeCustom(schema: Schema, kind: string): Json {
  const { properties = {}, description = `${kind} is a custom resource.`, ...rest } = schema;
  const { apiVersion = {}, kind: kindSchema = {}, metadata = {} } = properties;
  const members = {
    apiVersion: { ...apiVersion, type: 'string', description: 'Group and version of the schema.' },
    kind: { ...kindSchema, type: 'string', description: 'The kind of this object.' },
    metadata: { ...metadata, type: 'object', description: 'Standard object metadata.' },
  };
  return { type: 'object', description, ...rest, properties: { ...properties, ...members } };
}

function extensionsOf(schema: object): Json {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => key.startsWith('x-')));
}

/** `machine.openshift.io`, `v1beta1`, `Machine` → `io.openshift.machine.v1beta1.Machine`. */
function nameOfKind({ group, version, kind }: GroupVersionKind): string {
  const reversed = group === '' ? 'io.k8s.api.core' : group.split('.').toReversed().join('.');
  return `${reversed}.${version}.${kind}`;
}

const fieldValidation = {
  name: 'fieldValidation',
  in: 'query',
  schema: { type: 'string', uniqueItems: true },
};

function pathsOf(
  { plural, namespaced, group }: ResourceDefinition,
  version: VersionDefinition,
  gvk: GroupVersionKind,
  $ref: string,
): Json {
  const apiVersion = apiVersionOf({ group, version: version.name });
  const root = `/${group === '' ? 'api' : 'apis'}/${apiVersion}`;
  const collection = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
  const content = { 'application/json': { schema: { $ref } } };
  const operation = (action: string, extra: Json = {}): Json => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    responses: { 200: { description: 'OK', content } },
    ...extra,
  });
  const writes = { parameters: [fieldValidation], requestBody: { content } };
  const patchTypes = ['application/json-patch+json', 'application/merge-patch+json'];
  if (version.codec.acceptsStrategicPatch)
    patchTypes.push('application/strategic-merge-patch+json');
  const patchContent = Object.fromEntries(
    patchTypes.map((type) => [type, { schema: { type: 'object' } }]),
  );
  return {
    [collection]: { get: operation('list'), post: operation('post', writes) },
    [`${collection}/{name}`]: {
      get: operation('get'),
      put: operation('put', writes),
      patch: operation('patch', {
        parameters: [fieldValidation],
        requestBody: { content: patchContent },
      }),
      delete: operation('delete'),
    },
  };
}
