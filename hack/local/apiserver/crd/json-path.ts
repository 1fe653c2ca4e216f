/**
 * The part of JSONPath that printer columns and scale paths use: members (`.spec.x`, `['a.b']`),
 * indexes (`[0]`, `[*]`) and equality filters (`[?(@.type=="Ready")]`).
 */
import { isObject } from '#api/json.ts';
import { getPath } from '../object.ts';

type Step = (values: unknown[]) => unknown[];

const stepPattern =
  /\.?\*|\.((?:\\.|[^.[\]\\])+)|\[(?:'([^']*)'|"([^"]*)"|(-?\d+)|(\*)|\?\(@((?:\.[\w-]+)+)\s*==\s*(?:'([^']*)'|"([^"]*)"|([^)]+))\))\]/gy;

/** Compiles a path; throws when it is not of the supported form. */
export function compileJsonPath(path: string): (object: unknown) => unknown[] {
  const steps: Step[] = [];
  stepPattern.lastIndex = 0;
  while (stepPattern.lastIndex < path.length) {
    const at = stepPattern.lastIndex;
    const match = stepPattern.exec(path);
    if (match === null) throw new Error(`unsupported JSONPath ${path} at ${path.slice(at)}`);
    steps.push(stepOf(match));
  }
  return (object) => steps.reduce<unknown[]>((values, step) => step(values), [object]);
}

function stepOf(match: RegExpExecArray): Step {
  const [text, dotted, single, double, index, star, filterPath, ...literals] = match;
  const name = dotted?.replaceAll(/\\(.)/g, '$1') ?? single ?? double;
  if (name !== undefined) return (values) => values.flatMap((value) => member(value, name));
  if (index !== undefined) return (values) => values.flatMap((value) => item(value, Number(index)));
  if (star !== undefined || text.endsWith('*')) return (values) => values.flatMap(everything);
  const wanted = literals.find((literal) => literal !== undefined)?.trim() ?? '';
  const path = (filterPath ?? '').slice(1).split('.');
  return (values) =>
    values.flatMap(everything).filter((value) => {
      const found = getPath(value, path);
      return (
        found !== undefined &&
        (typeof found === 'string' ? found : JSON.stringify(found)) === wanted
      );
    });
}

function member(value: unknown, name: string): unknown[] {
  if (!isObject(value) || value[name] === undefined) return [];
  return [value[name]];
}

function item(value: unknown, index: number): unknown[] {
  const found: unknown = Array.isArray(value) ? value.at(index) : undefined;
  return found === undefined ? [] : [found];
}

function everything(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
}
