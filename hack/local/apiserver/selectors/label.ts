/** Label selectors in their text form (`a=b,c in (d,e),!f`) and their object form. */
import { isObject } from '#api/json.ts';
import { view } from '../object.ts';
import { badRequest } from '../status.ts';

export interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'GreaterThan' | 'LessThan';
  readonly values: readonly string[];
}

export type LabelSelector = readonly Requirement[];
type Labels = Readonly<Record<string, string>>;

export function matchesLabels(selector: LabelSelector, labels: Labels = {}): boolean {
  return selector.every(({ key, operator, values }) => tests[operator](labels[key], values));
}

type Test = (value: string | undefined, values: readonly string[]) => boolean;

const tests: Record<Requirement['operator'], Test> = {
  In: (value, values) => value !== undefined && values.includes(value),
  NotIn: (value, values) => value === undefined || !values.includes(value),
  Exists: (value) => value !== undefined,
  DoesNotExist: (value) => value === undefined,
  GreaterThan: (value, [limit]) => value !== undefined && Number(value) > Number(limit),
  LessThan: (value, [limit]) => value !== undefined && Number(value) < Number(limit),
};

/** `metav1.LabelSelector`: `{}` selects everything, absent selects nothing. */
export function fromObject(selector: unknown): LabelSelector | undefined {
  if (!isObject(selector)) return undefined;
  const requirements: Requirement[] = [];
  for (const [key, value] of Object.entries(selector['matchLabels'] ?? {})) {
    requirements.push({ key, operator: 'In', values: [String(value)] });
  }
  for (const expression of view<Requirement[]>(selector['matchExpressions'] ?? [])) {
    requirements.push({ ...expression, values: expression.values ?? [] });
  }
  return requirements;
}

/** Throws 400 with `unable to parse requirement: …` for what is not a selector. */
export function parseLabelSelector(text: string): LabelSelector {
  const tokens = tokenize(text);
  const requirements: Requirement[] = [];
  while (tokens.length > 0) {
    requirements.push(parseRequirement(tokens));
    const separator = tokens.shift();
    if (separator === undefined) break;
    if (separator !== ',' || tokens.length === 0)
      throw unexpected(separator, "',' or 'end of string'");
  }
  return requirements;
}

function parseRequirement(tokens: string[]): Requirement {
  if (tokens[0] === '!') {
    tokens.shift();
    return { key: parseWord(tokens), operator: 'DoesNotExist', values: [] };
  }
  const key = parseWord(tokens);
  if (tokens.length === 0 || tokens[0] === ',') return { key, operator: 'Exists', values: [] };
  const operator = tokens.shift() ?? '';
  switch (operator) {
    case '=':
    case '==':
      return { key, operator: 'In', values: [parseValue(tokens)] };
    case '!=':
      return { key, operator: 'NotIn', values: [parseValue(tokens)] };
    case 'in':
      return { key, operator: 'In', values: parseSet(tokens) };
    case 'notin':
      return { key, operator: 'NotIn', values: parseSet(tokens) };
    case '>':
      return { key, operator: 'GreaterThan', values: [parseLimit(tokens)] };
    case '<':
      return { key, operator: 'LessThan', values: [parseLimit(tokens)] };
    default:
      throw unexpected(operator, 'in, notin, =, ==, !=, gt, lt');
  }
}

function parseSet(tokens: string[]): string[] {
  const open = tokens.shift();
  if (open !== '(') throw unexpected(open, "'('");
  const values: string[] = [];
  for (;;) {
    values.push(parseValue(tokens));
    const next = tokens.shift();
    if (next === ')') return values;
    if (next !== ',') throw unexpected(next, "',' or ')'");
  }
}

/** A value may be empty: `a=`, `a in (,b)`. */
function parseValue(tokens: string[]): string {
  const next = tokens[0];
  return next === undefined || next === ',' || next === ')' ? '' : parseWord(tokens);
}

function parseLimit(tokens: string[]): string {
  const value = parseValue(tokens);
  if (/^-?\d+$/.test(value)) return value;
  const why = "for 'Gt', 'Lt' operators, the value must be an integer";
  throw badRequest(`unable to parse requirement: ${why}`);
}

function parseWord(tokens: string[]): string {
  const word = tokens.shift();
  if (word === undefined || !/^[A-Za-z0-9]/.test(word)) throw unexpected(word, '!, identifier');
  return word;
}

function tokenize(text: string): string[] {
  return text.match(/[!=]=|[!=<>(),]|[^\s!=<>(),]+/g) ?? [];
}

function unexpected(found: string | undefined, expected: string): Error {
  return badRequest(`unable to parse requirement: found '${found ?? ''}', expected: ${expected}`);
}
