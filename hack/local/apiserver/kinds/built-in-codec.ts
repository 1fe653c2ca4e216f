import type { JsonObject } from '#api/json.ts';
import type { FieldError } from '../field-error.ts';
import type { BuiltInSchemas } from '../schema/built-in.ts';
import type { Decoded } from '../schema/decode.ts';
import { decodeBuiltIn } from '../schema/decode.ts';
import type { BuiltInSchema } from '../schema/types.ts';
import type { Codec } from './definition.ts';

/** Fills what a client left open. The object is freshly decoded and may be changed at any depth. */
export type Defaults = (object: JsonObject) => void;

/** Reads a built-in kind by its schema; what is wrong with it beyond types its strategy says. */
export class BuiltInCodec implements Codec {
  readonly acceptsStrategicPatch = true;
  readonly #schemas: BuiltInSchemas;
  readonly #model: string;
  readonly #setDefaults: Defaults;
  #schema: BuiltInSchema | undefined;

  constructor(schemas: BuiltInSchemas, model: string, setDefaults: Defaults = () => {}) {
    this.#schemas = schemas;
    this.#model = model;
    this.#setDefaults = setDefaults;
  }

  async load(): Promise<void> {
    this.#schema ??= await this.#schemas.load(this.#model);
  }

  get schema(): BuiltInSchema {
    if (this.#schema === undefined) throw new Error(`the schema of ${this.#model} is not loaded`);
    return this.#schema;
  }

  decode(body: JsonObject): Decoded {
    const decoded = decodeBuiltIn(this.schema, body);
    this.#setDefaults(decoded.object);
    return decoded;
  }

  validate(): FieldError[] {
    return [];
  }
}
