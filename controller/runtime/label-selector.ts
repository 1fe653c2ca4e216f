import { quote } from '#api/quote.ts';

/** `meta/v1 LabelSelector`. */
export interface LabelSelector {
  matchLabels?: Labels;
  matchExpressions?: readonly Requirement[];
}

export interface Requirement {
  key: string;
  /** One of `operators`. */
  operator: string;
  values?: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

const operators = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** Of no requirement at all: what that selects depends on who asks. */
export function isEmptySelector(selector: LabelSelector | undefined): boolean {
  return requirementsOf(selector).length === 0;
}

/** What is wrong with a selector, for the user; undefined: nothing. */
export function selectorProblem(selector: LabelSelector): string | undefined {
  for (const { operator, values = [] } of selector.matchExpressions ?? []) {
    if (!operators.includes(operator)) {
      return `${quote(operator)} is not an operator (want ${operators.join(', ')})`;
    }
    const hasValues = values.length > 0;
    if (hasValues !== operator.endsWith('In')) {
      return `operator ${operator} takes ${hasValues ? 'no values' : 'at least one value'}`;
    }
  }
  return undefined;
}

/** Whether all requirements hold. One of an unknown operator never does; no selector selects nothing. */
export function matchesSelector(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (selector === undefined) return false;
  return requirementsOf(selector).every((requirement) => meetsRequirement(requirement, labels));
}

/** As `kubectl get -l` takes it, requirements in the order of their keys (`metav1.FormatLabelSelector`). */
export function formatSelector(selector: LabelSelector): string {
  return requirementsOf(selector)
    .toSorted((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)))
    .map(formatRequirement)
    .join(',');
}

function requirementsOf({
  matchLabels = {},
  matchExpressions = [],
}: LabelSelector = {}): Requirement[] {
  const equal = Object.entries(matchLabels);
  return [
    ...equal.map(([key, value]) => ({ key, operator: '=', values: [value] })),
    ...matchExpressions,
  ];
}

export function meetsRequirement(
  { key, operator, values = [] }: Requirement,
  labels: Labels,
): boolean {
  const value = labels[key];
  switch (operator) {
    case '=':
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

function formatRequirement({ key, operator, values = [] }: Requirement): string {
  switch (operator) {
    case '=':
      return `${key}=${values.join(',')}`;
    case 'Exists':
      return key;
    case 'DoesNotExist':
      return `!${key}`;
    default:
      return `${key} ${operator.toLowerCase()} (${values.toSorted().join(',')})`;
  }
}
