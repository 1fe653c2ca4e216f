/**
 * What users read in `kubectl describe machineset`. Reasons are words for programs, and stable: those of
 * ReplicaSets, and `ReconcileError` of the original.
 */
export interface SetEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
}

/** At most so many are named, to keep it one line. */
const mostNames = 3;

export const created = (names: readonly string[]): SetEvent => ({
  type: 'Normal',
  reason: 'SuccessfulCreate',
  message: `Created ${machines(names)}`,
});

export const deleted = (names: readonly string[]): SetEvent => ({
  type: 'Normal',
  reason: 'SuccessfulDelete',
  message: `Deleting ${machines(names)}`,
});

function machines(names: readonly string[]): string {
  const [first] = names;
  if (names.length === 1) return `Machine ${first}`;
  const more = names.length - mostNames;
  const named = names.slice(0, mostNames).join(', ');
  return `${names.length} Machines: ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
