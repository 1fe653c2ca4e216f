import type { JsonObject } from '#api/json.ts';
import { isObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import type { Codec } from '../kinds/definition.ts';
import type { ApiObject } from '../object.ts';
import type { BuiltInSchemas } from '../schema/built-in.ts';
import type { Decoded } from '../schema/decode.ts';
import { decodeBuiltIn, DecodeError } from '../schema/decode.ts';
import type { BuiltInSchema, Schema } from '../schema/types.ts';
import { setDefaults } from './default.ts';
import { prune } from './prune.ts';
import { validateSchema } from './validate.ts';

/** Reads one version of a custom kind: prune, default, validate by its structural schema. */
export class CustomCodec implements Codec {
  readonly acceptsStrategicPatch = false;
  readonly schema: Schema;
  readonly #schemas: BuiltInSchemas;
  #objectMeta: BuiltInSchema = {};

  constructor(schemas: BuiltInSchemas, schema: Schema) {
    this.#schemas = schemas;
    this.schema = schema;
  }

  async load(): Promise<void> {
    this.#objectMeta = await this.#schemas.load('V1ObjectMeta');
  }

  /** Changes `body`. */
  decode(body: JsonObject): Decoded {
    const { metadata = {} } = body;
    if (!isObject(metadata)) {
      throw new DecodeError(
        'json: cannot unmarshal into Go struct field metadata of type v1.ObjectMeta',
      );
    }
    const meta = decodeBuiltIn(this.#objectMeta, metadata);
    body['metadata'] = meta.object;
    const unknownFields = meta.unknownFields.map((field) => `metadata.${field}`);
    unknownFields.push(...prune(this.schema, body, 'resource'));
    setDefaults(this.schema, body);
    return { object: body, unknownFields };
  }

  validate(object: ApiObject): FieldError[] {
    // Metadata is the server's own; a schema may only restrict its name.
    return validateSchema(this.schema, object);
  }
}
