/** What is wrong with one field, in the words of k8s.io/apimachinery/pkg/util/validation/field. */
export interface FieldError {
  readonly reason:
    | 'FieldValueRequired'
    | 'FieldValueInvalid'
    | 'FieldValueTypeInvalid'
    | 'FieldValueDuplicate'
    | 'FieldValueForbidden'
    | 'FieldValueNotFound'
    | 'FieldValueNotSupported'
    | 'FieldValueTooLong'
    | 'FieldValueTooMany';
  /** `spec.containers[0].name` */
  readonly field: string;
  /** What was found, already rendered. */
  readonly value?: string;
  readonly detail?: string;
}

const words: Record<FieldError['reason'], string> = {
  FieldValueRequired: 'Required value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueForbidden: 'Forbidden',
  FieldValueNotFound: 'Not found',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
};

/** The text behind the field's name: `Invalid value: "x": must be a number`. */
export function describeFieldError({ reason, value, detail }: FieldError): string {
  return [words[reason], value, detail].filter((part) => part !== undefined).join(': ');
}

export function required(field: string, detail?: string): FieldError {
  return { reason: 'FieldValueRequired', field, ...(detail !== undefined && { detail }) };
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, value: JSON.stringify(value), detail };
}

export function invalidType(field: string, found: string, detail: string): FieldError {
  return { reason: 'FieldValueTypeInvalid', field, value: JSON.stringify(found), detail };
}

export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, value: JSON.stringify(value) };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, detail };
}

export function notSupported(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((item) => JSON.stringify(item)).join(', ');
  const detail = `supported values: ${list}`;
  return { reason: 'FieldValueNotSupported', field, value: JSON.stringify(value), detail };
}

export function tooLong(field: string, limit: number): FieldError {
  const detail = `may not be more than ${limit} bytes`;
  return { reason: 'FieldValueTooLong', field, detail };
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  const detail = `must have at most ${limit} items`;
  return { reason: 'FieldValueTooMany', field, value: String(actual), detail };
}
