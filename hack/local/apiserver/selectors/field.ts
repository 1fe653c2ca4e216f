/** Field selectors (`spec.nodeName=x,status.phase!=Failed`): equality on a few fields per kind. */
import type { ApiObject } from '../object.ts';
import { badRequest } from '../status.ts';

export type FieldGetter = (object: ApiObject) => string;
export type SelectableFields = Readonly<Record<string, FieldGetter>>;

interface FieldRequirement {
  readonly field: string;
  readonly value: string;
  readonly negated: boolean;
  readonly get: FieldGetter;
}

export type FieldSelector = readonly FieldRequirement[];

/** Every kind has these. */
export const metadataFields: SelectableFields = {
  'metadata.name': (object) => object.metadata.name ?? '',
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

export function matchesFields(selector: FieldSelector, object: ApiObject): boolean {
  return selector.every(({ get, value, negated }) => (get(object) === value) !== negated);
}

/** The value that `field` must equal, if the selector pins it. */
export function pinnedValue(selector: FieldSelector, field: string): string | undefined {
  return selector.find((item) => item.field === field && !item.negated)?.value;
}

/** Throws 400 for bad syntax and for fields that cannot be selected by. */
export function parseFieldSelector(text: string, fields: SelectableFields): FieldSelector {
  return splitTerms(text).map((term) => {
    const [, field = '', operator = '', raw = ''] = /^([^=!]+)(==|=|!=)(.*)$/s.exec(term) ?? [];
    if (operator === '') {
      throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    const get = fields[field];
    if (get === undefined) throw badRequest(`field label not supported: ${field}`);
    const value = raw.replaceAll(/\\([\\,=])/g, '$1');
    return { field, value, negated: operator === '!=', get };
  });
}

/** Splits at commas that no backslash protects. */
function splitTerms(text: string): string[] {
  return (text.match(/(?:\\.|[^\\,])+/gs) ?? []).filter((term) => term !== '');
}
