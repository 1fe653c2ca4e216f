/** OpenAPI v3 as CustomResourceDefinitions write it; built-in kinds are described the same way. */
export interface Schema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  format?: string;
  description?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  required?: string[];
  enum?: unknown[];
  default?: unknown;
  nullable?: boolean;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  allOf?: Schema[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  not?: Schema;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  'x-kubernetes-list-map-keys'?: string[];
  /** Strategic merge patch: the member that identifies an item. */
  'x-kubernetes-patch-merge-key'?: string;
  /** Strategic merge patch: `merge`, `replace`, `retainKeys`, or two of them with a comma. */
  'x-kubernetes-patch-strategy'?: string;
}

/** The schema of a built-in type, which knows the type's name and may refer to itself. */
export interface BuiltInSchema extends Schema {
  /** The client's model, e.g. `V1PodSpec`; only on objects with properties. */
  model?: string;
  properties?: Record<string, BuiltInSchema>;
  items?: BuiltInSchema;
  additionalProperties?: BuiltInSchema | boolean;
}
