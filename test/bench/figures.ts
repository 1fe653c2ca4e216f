/** What a benchmark comes to. */
export interface Figure {
  name: string;
  value: number;
  /** As written behind the value: `MB`, `/s`, … */
  unit: string;
  budget?: Budget;
}

export interface Budget {
  kind: 'at least' | 'at most';
  limit: number;
}

/** The figures of one side of a comparison: one thing that was measured, in one place. */
export interface Side {
  name: string;
  figures: readonly Figure[];
}

export interface Result {
  benchmark: string;
  /** What was asked for: counts, seconds. */
  parameters: Readonly<Record<string, number>>;
  sides: readonly Side[];
}

export function figure(name: string, value: number, unit: string, budget?: Budget): Figure {
  return { name, value, unit, ...(budget && { budget }) };
}

export const atLeast = (limit: number): Budget => ({ kind: 'at least', limit });
export const atMost = (limit: number): Budget => ({ kind: 'at most', limit });

/**
 * Whether a figure keeps its budget; figures without one do.
 *
 * @param factor how far it may be off: 2 forgives half the rate or twice the cost
 */
export function isWithinBudget({ value, budget }: Figure, factor = 1): boolean {
  if (budget === undefined) return true;
  return budget.kind === 'at least'
    ? value >= budget.limit / factor
    : value <= budget.limit * factor;
}

export function budgetText({ unit, budget }: Figure): string {
  if (budget === undefined) return '';
  return `${budget.kind === 'at least' ? '≥' : '≤'} ${budget.limit} ${unit}`.trim();
}

/** Three digits are more than these measurements are worth. */
export function valueText({ value, unit }: Figure): string {
  return `${rounded(value)} ${unit}`.trim();
}

export function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
