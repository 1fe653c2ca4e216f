/** Building blocks of schemas: each says what it wants, for errors and docs. */
import { Type, type Static, type TSchema } from 'typebox';
import { qualifiedName } from '../names.ts';
import { field, type FieldText } from './field.ts';
import { goDuration } from './formats.ts';

export const duration = (description: string) =>
  Type.Optional(
    field(Type.String({ format: goDuration }), {
      what: 'a duration',
      want: 'e.g. "5s", "1m30s"',
      description: `${description} A duration in Go's syntax, not negative.`,
    }),
  );

export const choice = <const Values extends readonly string[]>(
  what: string,
  values: Values,
  description: string,
) =>
  Type.Optional(
    field(oneOf(values), {
      what,
      want: values.map((value) => `"${value}"`).join(' or '),
      description,
    }),
  );

/** As a structural schema says it. */
export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: values });

/** By qualified names. */
export const mapOf = <Value extends TSchema>(names: FieldText, values: Value) =>
  Type.Unsafe<Record<string, Static<Value>>>({
    type: 'object',
    propertyNames: { pattern: qualifiedName, ...names },
    additionalProperties: values,
  });
