import type { FieldError } from '../field-error.ts';
import { forbiddenField, notSupported } from '../field-error.ts';
import { badRequest, invalid, StatusError } from '../status.ts';

/** `meta/v1 ListOptions` as far as they choose versions and pages. */
export interface ListOptions {
  /** 0: no limit. */
  readonly limit: number;
  /** `''`: from the start. */
  readonly continuation: string;
  /** `''` or a number. */
  readonly resourceVersion: string;
  /** Only these objects, as they were at that version. */
  readonly isExact: boolean;
}

/** Throws 422 for options that contradict each other, 400 and 500 for what is no number. */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const limit = query.get('limit') ?? '0';
  if (!/^-?\d+$/.test(limit)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(limit)}: invalid syntax`);
  }
  const continuation = query.get('continue') ?? '';
  const resourceVersion = query.get('resourceVersion') ?? '';
  const match = query.get('resourceVersionMatch') ?? '';
  const errors = checkMatch(match, resourceVersion, continuation);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return { limit: Number(limit), continuation, resourceVersion, isExact: match === 'Exact' };
}

/** k8s.io/apimachinery/pkg/apis/meta/internalversion/validation */
function checkMatch(match: string, version: string, continuation: string): FieldError[] {
  if (match === '') return [];
  const field = 'resourceVersionMatch';
  const errors: FieldError[] = [];
  if (version === '') {
    errors.push(forbiddenField(field, `${field} is forbidden unless resourceVersion is provided`));
  }
  if (continuation !== '') {
    errors.push(forbiddenField(field, `${field} is forbidden when continue is provided`));
  }
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
  }
  if (match === 'Exact' && version === '0') {
    const detail = `${field} "exact" is forbidden for resourceVersion "0"`;
    errors.push(forbiddenField(field, detail));
  }
  return errors;
}

/** 0 for absent; throws 500, as the real server does, for what is not a number. */
export function parseVersion(text: string): number {
  if (text === '') return 0;
  if (/^\d+$/.test(text)) return Number(text);
  const value = JSON.stringify(text);
  const why = `strconv.ParseUint: parsing ${value}: invalid syntax`;
  throw new StatusError(500, '', `resourceVersion: Invalid value: ${value}: ${why}`);
}
