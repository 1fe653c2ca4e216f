import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/schema';
import { isObject } from '../json.ts';
import { quote } from '../quote.ts';
import { fieldText, type FieldText } from './field.ts';

/** What one wrong field is told: `numCores: 0 is not a number of cores (want an integer of at least 1)`. */
export type FieldError = string;

/** A checker for one schema. Compiled once: keep it. */
export class Checker<Schema extends TSchema> {
  readonly #schema: Schema;
  readonly #compiled: ReturnType<typeof Compile>;

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#compiled = Compile(schema);
  }

  /** One message for each wrong field, in the order of the schema; none when `value` fits. */
  errors(value: unknown): FieldError[] {
    if (this.#compiled.Check(value)) return [];
    const [, errors] = this.#compiled.Errors(value);
    const byField = new Map<string, FieldError>();
    for (const error of errors) {
      if (mapKeywords.has(error.keyword)) continue;
      const parent = pathSteps(error.instancePath);
      if (error.schemaPath.endsWith('/propertyNames')) {
        byField.set(error.instancePath, nameError(this.#schema, parent));
        continue;
      }
      const missing = error.keyword === 'required' ? error.params.requiredProperties : [];
      const wrong = missing.length > 0 ? missing.map((name) => [...parent, name]) : [parent];
      for (const steps of wrong) {
        const { path, text, value: actual } = describe(this.#schema, steps, value);
        byField.set(path, `${path}: ${found(actual)} is not ${text.what} (want ${text.want})`);
      }
    }
    return [...byField.values()];
  }

  is(value: unknown): value is Static<Schema> {
    return this.#compiled.Check(value);
  }
}

/** A value as messages show it: JSON, cut so that garbage stays one short line. */
export function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quote(value);
  const text = JSON.stringify(value);
  return text.length <= 64 ? text : `${text.slice(0, 64)}…`;
}

/** Say that an entry of a map is wrong, which the entry and its name say better. */
const mapKeywords = new Set(['additionalProperties', 'propertyNames']);

/** Names the map and the name in it that is wrong. */
function nameError(root: TSchema, steps: string[]): FieldError {
  const map = steps.slice(0, -1);
  const schema = map.reduce<unknown>(childSchema, root);
  const { what, want } = fieldText(isObject(schema) ? schema['propertyNames'] : schema) ?? aName;
  return `${pathText(map)}: ${found(steps.at(-1))} is not ${what} (want ${want})`;
}

interface Described {
  text: FieldText;
  value: unknown;
  /** `registerWithTaints[0].effect` */
  path: string;
}

/** The deepest schema on the way to a wrong value that says what it wants. */
function describe(root: TSchema, steps: string[], value: unknown): Described {
  let schema: unknown = root;
  let actual = value;
  let deepest: Described = { text: anObject, value, path: '' };
  for (const [index, step] of steps.entries()) {
    schema = childSchema(schema, step);
    actual = childValue(actual, step);
    const text = fieldText(schema);
    if (text !== undefined) {
      deepest = { text, value: actual, path: pathText(steps.slice(0, index + 1)) };
    }
  }
  return deepest;
}

const aName: FieldText = { what: 'a name', want: 'another' };
const anObject: FieldText = { what: 'an object', want: 'a map of fields' };

function childSchema(schema: unknown, step: string): unknown {
  if (!isObject(schema)) return undefined;
  const { properties, items, additionalProperties } = schema;
  const property = isObject(properties) ? properties[step] : undefined;
  return property ?? items ?? additionalProperties;
}

function childValue(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return value[Number(step)];
  return isObject(value) ? value[step] : undefined;
}

function pathSteps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathText(steps: string[]): string {
  return steps.reduce((path, step) => {
    if (/^\d+$/.test(step)) return `${path}[${step}]`;
    if (!/^\w{1,64}$/.test(step)) return `${path}[${found(step)}]`;
    return path === '' ? step : `${path}.${step}`;
  }, '');
}
