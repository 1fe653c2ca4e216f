import type { Environment } from './environment.ts';
import {
  budgetText,
  isWithinBudget,
  rounded,
  valueText,
  type Figure,
  type Result,
  type Side,
} from './figures.ts';

/** One JSON document per side, each on a line. */
export function jsonLines(result: Result, environment: Environment): string {
  const { benchmark, parameters, sides } = result;
  return sides
    .map(({ name, figures }) => ({
      benchmark,
      side: name,
      ...environment,
      parameters,
      figures: figures.map((figure) => ({
        name: figure.name,
        value: rounded(figure.value),
        unit: figure.unit,
        ...(figure.budget && { budget: budgetText(figure), isMet: isWithinBudget(figure) }),
      })),
    }))
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
}

/** A row per figure, a column per side. */
export function table({ benchmark, parameters, sides }: Result, environment: Environment): string {
  const names = new Set(sides.flatMap(({ figures }) => figures.map(({ name }) => name)));
  const rows = [...names].map((name) => rowOf(name, sides));
  const header = ['', ...sides.map(({ name }) => name), 'budget', ''];
  const asked = Object.entries(parameters).map(([name, value]) => `${name} ${value}`);
  const { cores, node, kubernetes, date, load } = environment;
  const title = [
    `${benchmark}: ${asked.join(', ')}`,
    `${cores} cores, load ${load} before, Node.js ${node}, Kubernetes ${kubernetes}, ${date}`,
  ];
  return `${[...title, ...aligned([header, ...rows])].join('\n')}\n`;
}

function rowOf(name: string, sides: readonly Side[]): string[] {
  const found = sides.map(({ figures }) => figures.find((figure) => figure.name === name));
  const judged = found.find((figure) => figure?.budget !== undefined);
  return [
    name,
    ...found.map((figure) => (figure === undefined ? '–' : valueText(figure))),
    judged === undefined ? '' : budgetText(judged),
    judged === undefined ? '' : isWithinBudget(judged) ? 'kept' : 'MISSED',
  ];
}

/** The first column to the left, the others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** A test point for each budget, as TAP: failed when it is missed by more than the factor. */
export function testPoints(results: readonly Result[], factor: number): string {
  const judged = results.flatMap(({ benchmark, sides }) =>
    sides.flatMap(({ name, figures }) =>
      figures
        .filter(({ budget }) => budget !== undefined)
        .map((figure) => ({ title: `${benchmark}, ${name}: ${figure.name}`, figure })),
    ),
  );
  return [
    ...judged.map((point, index) => testPoint(point, index + 1, factor)),
    `1..${judged.length}`,
    '',
  ].join('\n');
}

function testPoint(
  { title, figure }: { title: string; figure: Figure },
  number: number,
  factor: number,
): string {
  const ok = isWithinBudget(figure, factor) ? 'ok' : 'not ok';
  return `${ok} ${number} - ${title} ${valueText(figure)} (budget ${budgetText(figure)})`;
}
