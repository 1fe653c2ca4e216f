import { notSupported } from '../field-error.ts';
import { view } from '../object.ts';
import type { ResourceRequest, Verb } from '../request.ts';
import { invalid } from '../status.ts';
import type { FieldValidation } from './operation.ts';

const optionsKinds: Partial<Record<Verb, string>> = {
  create: 'CreateOptions',
  update: 'UpdateOptions',
  patch: 'PatchOptions',
};

const fieldValidations: readonly string[] = ['Ignore', 'Strict', 'Warn'];

/** `dryRun` and `fieldValidation` of the query; throws 422 for other values than they have. */
export function parseWriteOptions({ verb, query }: ResourceRequest): {
  isDryRun: boolean;
  fieldValidation: FieldValidation;
} {
  const kind = { group: 'meta.k8s.io', kind: optionsKinds[verb] ?? 'DeleteOptions' };
  const dryRun = query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All')) {
    // As Go prints a list.
    const value = `[]string{${dryRun.map((text) => JSON.stringify(text)).join(', ')}}`;
    throw invalid(kind, '', [{ ...notSupported('dryRun', '', ['All']), value }]);
  }
  const fieldValidation = query.get('fieldValidation') ?? 'Warn';
  if (!fieldValidations.includes(fieldValidation)) {
    throw invalid(kind, '', [notSupported('fieldValidation', fieldValidation, fieldValidations)]);
  }
  return { isDryRun: dryRun.length > 0, fieldValidation: view<FieldValidation>(fieldValidation) };
}
