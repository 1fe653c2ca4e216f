import type { TSchema } from 'typebox';
import { isObject } from '../json.ts';

/**
 * How an error describes a field: `<found> is not <what> (want <want>)`. Travels inside the schema
 * and is left out of the CRD.
 */
export interface FieldText {
  /** With its article: `a duration`. */
  readonly what: string;
  /** `e.g. "5s", "1m30s"`, `an integer of at least 1`. */
  readonly want: string;
}

/** Gives a schema its error text and its description. */
export function field<Schema extends TSchema>(
  schema: Schema,
  text: FieldText & { readonly description?: string },
): Schema {
  return Object.assign(schema, text);
}

export function fieldText(schema: unknown): FieldText | undefined {
  if (!isObject(schema)) return undefined;
  const { what, want } = schema;
  return typeof what === 'string' && typeof want === 'string' ? { what, want } : undefined;
}
