/**
 * Schemas of built-in kinds, read from the models of the official client: field names and types
 * are there, one small module per type, so nothing has to be copied. A type is loaded when it is
 * first needed; a Pod with all it contains takes some 60 ms.
 */
import { view } from '../object.ts';
import { patchStrategies } from './merge-keys.ts';
import type { BuiltInSchema } from './types.ts';

interface Attribute {
  baseName: string;
  type: string;
  format: string;
}

export const modelsUrl = new URL(
  'dist/gen/models/',
  import.meta.resolve('@kubernetes/client-node/package.json'),
);

/** The models call every `resource.Quantity` a string; these members hold them. */
const quantityFields = new Set([
  'allocatable',
  'allocatedResources',
  'capacity',
  'default',
  'defaultRequest',
  'divisor',
  'hard',
  'limits',
  'max',
  'maxLimitRequestRatio',
  'min',
  'overhead',
  'podFixed',
  'requests',
  'sizeLimit',
  'used',
]);

export class BuiltInSchemas {
  readonly #schemas = new Map<string, BuiltInSchema>();
  #loading: Promise<unknown> = Promise.resolve();

  /** Resolves to the schema of a model such as `V1Pod` once all it refers to is loaded. */
  load(model: string): Promise<BuiltInSchema> {
    // One at a time, so that a schema in the map is complete whenever this promise resolves.
    const loaded = this.#loading.then(() => this.#loadAll(model));
    this.#loading = loaded.catch(() => undefined);
    return loaded;
  }

  async #loadAll(root: string): Promise<BuiltInSchema> {
    for (let wanted = this.#missing([root]); wanted.length > 0;) {
      const found = await Promise.all(wanted.map((model) => importAttributes(model)));
      for (const model of wanted) this.#schemas.set(model, { type: 'object' });
      for (const [index, attributes] of found.entries()) {
        this.#fill(wanted[index] ?? '', attributes);
      }
      wanted = this.#missing(found.flat().map(({ type }) => modelIn(type)));
    }
    return this.#get(root);
  }

  #missing(models: string[]): string[] {
    return [...new Set(models)].filter((model) => model !== '' && !this.#schemas.has(model));
  }

  #get(model: string): BuiltInSchema {
    let schema = this.#schemas.get(model);
    if (schema === undefined) throw new Error(`model ${model} is not loaded`);
    return schema;
  }

  #fill(model: string, attributes: Attribute[]): void {
    const schema = this.#get(model);
    schema.model = model;
    const typeName = typeNameOf(model);
    // Types are linked when they are asked for: models refer to each other and to themselves.
    const properties: Record<string, BuiltInSchema> = {};
    for (const { baseName, type, format } of attributes) {
      Object.defineProperty(properties, baseName, {
        enumerable: true,
        configurable: true,
        get: () => {
          const value = this.#annotate(`${typeName}.${baseName}`, type, format);
          Object.defineProperty(properties, baseName, { enumerable: true, value });
          return value;
        },
      });
    }
    schema.properties = properties;
  }

  #annotate(path: string, type: string, format: string): BuiltInSchema {
    const field = path.slice(path.indexOf('.') + 1);
    const schema = this.#parse(type, quantityFields.has(field) ? 'quantity' : format);
    const patch = patchStrategies[path];
    if (patch === undefined) return schema;
    return {
      ...schema,
      'x-kubernetes-patch-strategy': patch.strategy,
      ...(patch.key !== undefined && { 'x-kubernetes-patch-merge-key': patch.key }),
    };
  }

  #parse(type: string, format: string): BuiltInSchema {
    const array = /^Array<(.*)>$/.exec(type)?.[1];
    if (array !== undefined) return { type: 'array', items: this.#parse(array, format) };
    const map = /^\{ \[key: string\]: (.*); \}$/.exec(type)?.[1];
    if (map !== undefined)
      return { type: 'object', additionalProperties: this.#parse(map, format) };
    switch (type) {
      case 'string':
        return { type: 'string', ...(format !== '' && { format }) };
      case 'boolean':
        return { type: 'boolean' };
      case 'number':
        return format === 'double' ? { type: 'number', format } : { type: 'integer', format };
      case 'Date':
        return { type: 'string', format: 'date-time' };
      case 'V1MicroTime':
        return { type: 'string', format: 'micro-time' };
      case 'IntOrString':
        return { 'x-kubernetes-int-or-string': true };
      case 'any':
        return { 'x-kubernetes-preserve-unknown-fields': true };
      default:
        return this.#get(type);
    }
  }
}

const scalars = new Set([
  'string',
  'boolean',
  'number',
  'Date',
  'V1MicroTime',
  'IntOrString',
  'any',
]);

/** The model that a type such as `Array<V1Container>` refers to, `''` for none. */
function modelIn(type: string): string {
  const inner = type.replace(/^\{ \[key: string\]: /, '').replace(/; \}$/, '');
  const name = inner.replaceAll(/Array<|>/g, '');
  return scalars.has(name) || name.startsWith('{') ? '' : name;
}

async function importAttributes(model: string): Promise<Attribute[]> {
  const module = view<Record<string, { attributeTypeMap: Attribute[] }>>(
    await import(new URL(`${model}.js`, modelsUrl).href),
  );
  return module[model]?.attributeTypeMap ?? [];
}

/** `V1PodSpec` → `PodSpec`, `CoreV1Event` → `Event`: the Go type without its package. */
export function typeNameOf(model: string): string {
  return model.replace(/^[A-Z][a-z]*?V1(?=[A-Z])|^V1/, '');
}
